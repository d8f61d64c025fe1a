"""From what a shopper typed to what is meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from aisle.index import Filter, parse_filter
from aisle.index.filters import All
from aisle.intent import IntentResult
from aisle.releases import Release
from aisle.text import has_chinese, normalise
from aisle.text.language import Word
from aisle.text.ranges import cut_ranges
from aisle.types import Constraint, SearchRequest, Vectors

NOTHING_READ = IntentResult((), "", (), "broad")


@dataclass(frozen=True, slots=True)
class Understood:
    """A query as it will be searched for."""

    query: str
    """In normal form, mended, without what filters; empty to browse."""
    corrected: str
    """The mended query, where mending changed it; else empty."""
    words: Sequence[Word]
    vector: Vectors | None
    """(dim,) float32 of `query`; None where meaning cannot be asked."""
    constraints: tuple[Constraint, ...]
    categories: tuple[tuple[str, float], ...]
    """Paths that the query is likely to mean, with their probabilities."""
    within: Filter | None
    """The shopper's own filters, and the constraints that are sure."""


def understand(release: Release, request: SearchRequest) -> Understood:
    """Mend, read and split what was typed. Raises InputError for a filter that cannot be read."""
    settings = release.settings.understand
    read = release.language.read(normalise(request.query), spelling=request.spelling and settings.spelling)
    meant = read.corrected or read.query
    intent = _intent(release, meant, request.without) if settings.intent and meant else NOTHING_READ
    query = intent.remaining if intent.constraints else meant
    words = read.words if query == meant else release.language.read(query, spelling=False).words
    return Understood(
        query=query,
        corrected=read.corrected,
        words=words,
        vector=vector_of(release, query),
        constraints=intent.constraints,
        categories=intent.categories,
        within=_all([request.filters, *(one.filter for one in intent.constraints if one.sure)]),
    )


def vector_of(release: Release, query: str) -> Vectors | None:
    """(dim,) float32, or None for an empty query and for languages that the encoder does not know."""
    if not query or (has_chinese(query) and not release.settings.encoder.chinese):
        return None
    vector: Vectors = release.encoder.encode_queries([query])[0]
    return vector


def _intent(release: Release, meant: str, without: Sequence[str]) -> IntentResult:
    return release.intent.read(meant, vector_of(release, cut_ranges(meant)), without)


def _all(filters: Sequence[str]) -> Filter | None:
    parts = [part for part in map(parse_filter, filters) if part is not None]
    return All(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None
