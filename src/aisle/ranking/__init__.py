"""Here are candidates: order them."""

from aisle.ranking.fusion import linear_fusion, reciprocal_rank_fusion

__all__ = ["linear_fusion", "reciprocal_rank_fusion"]
