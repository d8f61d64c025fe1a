"""Here is a query: give me candidates (lexical, dense, filtered, faceted)."""

from aisle.index.completions import Completion, Completions
from aisle.index.disjunctive import near_misses
from aisle.index.embedded import EmbeddedIndex
from aisle.index.filters import Filter, parse_filter, quote
from aisle.index.histograms import Histogram
from aisle.index.learn_completions import learn_completions
from aisle.index.protocol import Index
from aisle.index.vectors import StoredVectors, cosines, write_vectors

__all__ = [
    "Completion",
    "Completions",
    "EmbeddedIndex",
    "Filter",
    "Histogram",
    "Index",
    "StoredVectors",
    "cosines",
    "learn_completions",
    "near_misses",
    "parse_filter",
    "quote",
    "write_vectors",
]
