"""Here is a text: give me a vector. The only folder that knows a pre-trained model."""

from aisle.encoders.batching import BatchedQueries
from aisle.encoders.cache import CachedEncoder, VectorCache
from aisle.encoders.classifier import Label, TextClassifier
from aisle.encoders.cross import CrossEncoder
from aisle.encoders.opening import open_encoder
from aisle.encoders.protocol import Encoder
from aisle.encoders.remembered import RememberedQueries
from aisle.encoders.static import StaticEncoder
from aisle.encoders.text import TextEncoder
from aisle.encoders.weights import load_classifier, located, prepare_cross_encoder, prepare_encoder

__all__ = [
    "BatchedQueries",
    "CachedEncoder",
    "CrossEncoder",
    "Encoder",
    "Label",
    "RememberedQueries",
    "StaticEncoder",
    "TextClassifier",
    "TextEncoder",
    "VectorCache",
    "load_classifier",
    "located",
    "open_encoder",
    "prepare_cross_encoder",
    "prepare_encoder",
]
