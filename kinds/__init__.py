"""The kinds of booking: each is a folder with the same layers as the engine, which imports none of them."""
