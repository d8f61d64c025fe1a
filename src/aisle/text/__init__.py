"""Here is what a person typed, in English or Chinese: what are its words?"""

from aisle.text.item_text import item_text
from aisle.text.language import Language, ReadQuery, Word, learn_language
from aisle.text.normalise import has_chinese, normalise
from aisle.text.spans import match_spans
from aisle.text.units import unify_units
from aisle.text.words import analyser, segment, terms

__all__ = [
    "Language",
    "ReadQuery",
    "Word",
    "analyser",
    "has_chinese",
    "item_text",
    "learn_language",
    "match_spans",
    "normalise",
    "segment",
    "terms",
    "unify_units",
]
