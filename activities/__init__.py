"""The deeds of the stories: each file says what it needs (a Protocol) and what it does (a class)."""
