"""A shop full of people, a provider and a machine that misbehave, and what must be true when they have calmed down."""
