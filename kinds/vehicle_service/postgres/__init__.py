"""The vehicle service in PostgreSQL: its tables, rows, queries and contended slots."""
