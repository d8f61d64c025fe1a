"""Here is what a person typed, in English or Chinese: what are its words?"""

from aisle.text.item_text import item_text
from aisle.text.normalise import has_chinese, normalise
from aisle.text.spans import match_spans
from aisle.text.words import analyser, segment, terms

__all__ = ["analyser", "has_chinese", "item_text", "match_spans", "normalise", "segment", "terms"]
