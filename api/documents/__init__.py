"""Invoices and credit notes as JSON."""
