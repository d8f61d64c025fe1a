"""Here is a history: give me candidates (one model a file)."""

from aisle.recommenders.content import Content
from aisle.recommenders.interactions import build_interactions, decay, event_weight, histories_of, history_of
from aisle.recommenders.item_knn import ItemKnn
from aisle.recommenders.popularity import Popularity
from aisle.recommenders.protocol import History, Interactions, Recommender, SimilarItems

__all__ = [
    "Content",
    "History",
    "Interactions",
    "ItemKnn",
    "Popularity",
    "Recommender",
    "SimilarItems",
    "build_interactions",
    "decay",
    "event_weight",
    "histories_of",
    "history_of",
]
