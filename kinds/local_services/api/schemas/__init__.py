"""Bodies and answers of local services."""
