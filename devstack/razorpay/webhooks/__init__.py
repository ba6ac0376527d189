"""Events on their way to the shop: composed, signed, logged, delivered, and delivered again."""
