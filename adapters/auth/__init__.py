"""Authentication: passwords, tokens, the cache of checked tokens and its invalidation across processes."""
