"""Parts of a story that have a name of their own."""
