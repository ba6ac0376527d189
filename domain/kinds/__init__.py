"""The kinds of booking that the engine knows, one package each."""
