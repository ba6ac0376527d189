"""The vehicle service: a car is fetched, looked at, repaired and brought home."""
