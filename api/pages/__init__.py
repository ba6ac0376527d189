"""The web pages: a door and a booking, for people. Plain HTML and scripts that call the public API like any client."""
