"""E-mails that a request causes."""
