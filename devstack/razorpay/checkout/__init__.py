"""The customer's side: a page with a button for every way in which paying can go."""
