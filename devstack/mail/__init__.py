"""The mailbox of the development stack: takes every mail, keeps it over a restart, and shows it."""
