"""A service visit: a vehicle is collected, analysed, paid for, worked on and brought back."""
