"""Here is a command line: what should happen? (One file a command; what they do is in the floors below.)"""

from aisle.cli.program import app, main

__all__ = ["app", "main"]
