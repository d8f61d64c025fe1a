"""How is batch work spread over machines? Ray is imported only when somebody names a cluster."""

from aisle.cluster.encoding import encode_items
from aisle.cluster.place import HERE, Here, Place, placed

__all__ = ["HERE", "Here", "Place", "encode_items", "placed"]
