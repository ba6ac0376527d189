"""People: their rows, searches and ownership, as the routes of every role share them."""
