"""People: their rows, searches and ownership, as the routes of customers, mechanics and admins share them."""
