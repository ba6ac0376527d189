"""A believable shop to play with: catalogue, car masters, places, demo people. Safe to run again and again."""
