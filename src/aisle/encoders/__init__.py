"""Here is a text: give me a vector. The only folder that knows a pre-trained model."""

from aisle.encoders.classifier import Label, TextClassifier
from aisle.encoders.cross import CrossEncoder
from aisle.encoders.protocol import Encoder
from aisle.encoders.remembered import RememberedQueries
from aisle.encoders.text import TextEncoder
from aisle.encoders.weights import load_classifier, located, prepare_cross_encoder, prepare_encoder

__all__ = [
    "CrossEncoder",
    "Encoder",
    "Label",
    "RememberedQueries",
    "TextClassifier",
    "TextEncoder",
    "load_classifier",
    "located",
    "prepare_cross_encoder",
    "prepare_encoder",
]
