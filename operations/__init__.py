"""Commands for whoever runs the shop's computers: ``python -m operations``."""
