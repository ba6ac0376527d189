"""Table reservations of a restaurant with two houses: a kind of booking that only the tests install."""
