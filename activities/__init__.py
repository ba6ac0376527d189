"""Activities of the workflows: each file has its ports (Protocols) and a class of activities."""
