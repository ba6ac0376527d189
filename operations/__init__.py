"""Commands for whoever runs the shop's computers: ``revcare``."""
