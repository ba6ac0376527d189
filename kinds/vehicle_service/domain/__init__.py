"""The rules of the vehicle service as plain Python, without IO, clock, chance or framework."""
