"""Here is a feed, a file, a table, a log: give me Items, Events and Judgments."""

from aisle.sources.detect import detect
from aisle.sources.feed import FeedInfo, Format, Kind
from aisle.sources.mapping import guess_mapping
from aisle.sources.reading import describe, read_column, read_events, read_items, read_judgments

__all__ = [
    "FeedInfo",
    "Format",
    "Kind",
    "describe",
    "detect",
    "guess_mapping",
    "read_column",
    "read_events",
    "read_items",
    "read_judgments",
]
