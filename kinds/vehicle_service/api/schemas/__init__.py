"""Bodies and answers of vehicle services."""
