"""The stories: deterministic, durable, readable aloud."""
