"""Routes that only vehicle services have."""
