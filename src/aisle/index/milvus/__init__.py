"""Candidates from Milvus: for shops that outgrew one machine. Needs the extra "milvus"."""

from aisle.index.milvus.index import MilvusIndex
from aisle.index.milvus.releases import activate, collection_name, drop_others, upload

__all__ = ["MilvusIndex", "activate", "collection_name", "drop_others", "upload"]
