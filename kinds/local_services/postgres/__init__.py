"""Local services in PostgreSQL, in the schema ``local``."""
