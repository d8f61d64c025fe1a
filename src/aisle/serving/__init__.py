"""How does a program in another process ask for search, shelves and items, and report what happened?"""

from aisle.serving.app import create_app
from aisle.serving.server import listen, serve

__all__ = ["create_app", "listen", "serve"]
