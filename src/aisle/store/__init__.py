"""Keep the items and events safe, and hand them back as frames: in SQLite or PostgreSQL."""

from aisle.store.catalogue import Changes
from aisle.store.database import sqlite_file
from aisle.store.profiles import Profile
from aisle.store.retention import Pruned
from aisle.store.store import Counts, Store, open_store

__all__ = ["Changes", "Counts", "Profile", "Pruned", "Store", "open_store", "sqlite_file"]
