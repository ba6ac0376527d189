"""A booking as its viewers see it: the JSON shapes of the API, one party at a time."""
