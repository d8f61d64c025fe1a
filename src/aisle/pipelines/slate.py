"""From rows to what is shown: items, ranks, reasons, highlighted words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from aisle.releases import Catalogue, Release
from aisle.text import match_spans
from aisle.types import Candidates, Hit, Item, Reason, Rows, Shelf

MAX_HIGHLIGHTED = 400
"""Characters of a description in which words are looked for: more is not shown in a list."""
Explain = Callable[[int], tuple[Reason, ...]]
"""Says of a row why it is there."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Candidates, and why each is one."""

    candidates: Candidates
    explain: Explain


def make_hits(
    catalogue: Catalogue,
    rows: Rows,
    scores: Mapping[int, float],
    explain: Explain,
    offset: int = 0,
    wanted: Collection[str] = (),
    variants: Mapping[int, tuple[int, ...]] | None = None,
    locales: Sequence[str] = (),
) -> tuple[Hit, ...]:
    """The hits of one page: `rows` is (n,) int64, `wanted` the terms to highlight, the first rank `offset` + 1.

    Matches are looked for in the item's own texts and in those of `locales`, or of all languages for ().
    """
    others, terms = variants or {}, frozenset(wanted)
    hits = (
        _hit(catalogue.item(row), scores[row], offset + place, explain(row), terms, locales)
        for place, row in enumerate(rows.tolist(), start=1)
    )
    return tuple(
        replace(hit, variants=tuple(catalogue.item_id(other) for other in others[row])) if row in others else hit
        for row, hit in zip(rows.tolist(), hits, strict=True)
    )


DEPTH = 5
"""Candidates asked of each model for one place on the shelf."""


def make_shelf(release: Release, name: str, found: Candidates, explain: Explain, started: float) -> Shelf:
    """The shelf `name` of what was found since `started`, a time of `perf_counter`."""
    scores = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    hits = make_hits(release.catalogue, found.rows, scores, explain)
    return Shelf(name, hits, release.release_id, round((perf_counter() - started) * 1_000, 3))


def for_sale(release: Release, candidates: Candidates, k: int) -> Candidates:
    """The first `k` candidates that are in the shop and can be bought, one of each group of variants."""
    kept: list[int] = []
    groups: set[str] = set()
    for place, row in enumerate(candidates.rows.tolist()):
        if not release.index.holds(row):
            continue
        item = release.catalogue.item(row)
        if item.in_stock and not (item.group_id and item.group_id in groups):
            groups.add(item.group_id)
            kept.append(place)
        if len(kept) == k:
            break
    return Candidates(candidates.rows[kept], candidates.scores[kept], candidates.source)


def _hit(
    item: Item, score: float, rank: int, reasons: Sequence[Reason], wanted: frozenset[str], locales: Sequence[str]
) -> Hit:
    shown = _shown(item, locales) if wanted else {}
    highlights = {name: spans for name, text in shown.items() if (spans := match_spans(text, wanted))}
    words = _words(shown, highlights)
    named = tuple(Reason("words", words) if reason.kind == "words" else reason for reason in reasons)
    return Hit(item.item_id, round(score, 6), rank, item, named, highlights=highlights)


def _shown(item: Item, locales: Sequence[str]) -> Mapping[str, str]:
    """What a shopper may see of an item in a list, by field."""
    texts = {"title": item.title, "description": item.description[:MAX_HIGHLIGHTED]}
    for language, part in item.translations.items():
        if not locales or language in locales:
            texts[f"title.{language}"] = part.title
            texts[f"description.{language}"] = part.description[:MAX_HIGHLIGHTED]
    return texts


def _words(shown: Mapping[str, str], highlights: Mapping[str, Sequence[tuple[int, int]]]) -> str:
    words = (shown[name][start:end].casefold() for name, spans in highlights.items() for start, end in spans)
    return ", ".join(dict.fromkeys(words))
