"""Candidates from Milvus: for shops that outgrew one machine. Needs the extra "milvus"."""

from aisle.index.milvus.index import FILE, MilvusIndex
from aisle.index.milvus.releases import activate, drop_others, upload

__all__ = ["FILE", "MilvusIndex", "activate", "drop_others", "upload"]
