"""The wiring of the worker process: which adapter an activity uses, which queue it is on, how workers stop."""
