"""The parts that make up the workflow of a booking."""
