"""Here are candidates: order them."""

from aisle.ranking.affinity import brand_shares, prefer
from aisle.ranking.data import build_ranking_data
from aisle.ranking.diversity import diversify
from aisle.ranking.fusion import linear_fusion, reciprocal_rank_fusion
from aisle.ranking.lambdamart import LambdaMart
from aisle.ranking.learning import Learned, learn_ranker
from aisle.ranking.protocol import Found, Ranker
from aisle.ranking.rerank import rerank
from aisle.ranking.stock import demote_sold_out
from aisle.ranking.traits import LatestTraits, Traits, read_traits
from aisle.ranking.variants import Collapsed, collapse_variants
from aisle.ranking.weights import LinearFusion, RankFusion

__all__ = [
    "Collapsed",
    "Found",
    "LambdaMart",
    "LatestTraits",
    "Learned",
    "LinearFusion",
    "RankFusion",
    "Ranker",
    "Traits",
    "brand_shares",
    "build_ranking_data",
    "collapse_variants",
    "demote_sold_out",
    "diversify",
    "learn_ranker",
    "linear_fusion",
    "prefer",
    "read_traits",
    "reciprocal_rank_fusion",
    "rerank",
]
