"""How is batch work spread over machines? Ray is imported only when somebody names a cluster."""

from aisle.cluster.place import HERE, Here, Place, placed

__all__ = ["HERE", "Here", "Place", "placed"]
