"""What RevCare knows: rules as plain Python, without IO, clock, chance or framework."""
