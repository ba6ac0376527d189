"""The OpenAPI document: what FastAPI derives from the routes, and what follows from the rest of what we know of them.

Who may use a route, which errors it can give and which headers come with an answer are derived here, once for all
routes, from the dependencies that each one asks for. ``python -m api.documentation`` prints the document.
"""
