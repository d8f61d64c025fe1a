"""Here is a query: give me candidates (lexical, dense, filtered, faceted)."""

from aisle.index.completions import Completion, Completions
from aisle.index.embedded import EmbeddedIndex
from aisle.index.filters import Filter, parse_filter, quote
from aisle.index.protocol import Index

__all__ = ["Completion", "Completions", "EmbeddedIndex", "Filter", "Index", "parse_filter", "quote"]
