"""A service visit as its viewers see it: the JSON shapes of the API, one role at a time."""
