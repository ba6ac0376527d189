"""Tables of people: users, roles, tokens, and who takes part in which booking."""
