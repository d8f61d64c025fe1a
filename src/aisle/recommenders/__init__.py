"""Here is a history: give me candidates (one model a file)."""

from aisle.recommenders.als import Als
from aisle.recommenders.associations import Associations
from aisle.recommenders.bert4rec import Bert4Rec
from aisle.recommenders.category_popularity import CategoryPopularity
from aisle.recommenders.content import Content
from aisle.recommenders.ease import Ease
from aisle.recommenders.generative import Generative
from aisle.recommenders.graph_filter import GraphFilter
from aisle.recommenders.hstu import Hstu
from aisle.recommenders.interactions import build_interactions, decay, event_weight, histories_of, history_of
from aisle.recommenders.item_knn import ItemKnn
from aisle.recommenders.lightgcn import LightGcn
from aisle.recommenders.markov import Markov
from aisle.recommenders.popularity import Popularity, Trending
from aisle.recommenders.protocol import History, Holdout, Interactions, Recommender, SimilarItems
from aisle.recommenders.random import Random
from aisle.recommenders.rising import Rising
from aisle.recommenders.sasrec import SasRec
from aisle.recommenders.session_knn import SessionKnn
from aisle.recommenders.simplex import SimpleX
from aisle.recommenders.slim import Slim
from aisle.recommenders.svd import Svd
from aisle.recommenders.two_tower import TwoTower
from aisle.recommenders.user_knn import UserKnn
from aisle.recommenders.user_text import UserText

__all__ = [
    "Als",
    "Associations",
    "Bert4Rec",
    "CategoryPopularity",
    "Content",
    "Ease",
    "Generative",
    "GraphFilter",
    "History",
    "Holdout",
    "Hstu",
    "Interactions",
    "ItemKnn",
    "LightGcn",
    "Markov",
    "Popularity",
    "Random",
    "Recommender",
    "Rising",
    "SasRec",
    "SessionKnn",
    "SimilarItems",
    "SimpleX",
    "Slim",
    "Svd",
    "Trending",
    "TwoTower",
    "UserKnn",
    "UserText",
    "build_interactions",
    "decay",
    "event_weight",
    "histories_of",
    "history_of",
]
