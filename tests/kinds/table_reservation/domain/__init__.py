"""A table reservation as plain Python: state, commands, rules, and the kind that the engine is given."""
