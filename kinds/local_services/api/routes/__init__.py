"""Routes that only local services have."""
