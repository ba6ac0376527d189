"""A realistic development data set: catalogue, reference tables, places, demo people. Repeatable."""
