"""From rows to what is shown: items, ranks, reasons, highlighted words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from aisle.releases import Catalogue
from aisle.text import match_spans
from aisle.types import Candidates, Hit, Item, Reason, Rows

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
) -> tuple[Hit, ...]:
    """The hits of one page: `rows` is (n,) int64, `wanted` the terms to highlight, the first rank `offset` + 1."""
    return tuple(
        _hit(catalogue.item(row), scores[row], offset + place, explain(row), wanted)
        for place, row in enumerate(rows.tolist(), start=1)
    )


def in_stock(catalogue: Catalogue, candidates: Candidates, k: int) -> Candidates:
    """The first `k` candidates that can be bought, one of each group of variants."""
    kept: list[int] = []
    groups: set[str] = set()
    for place, row in enumerate(candidates.rows.tolist()):
        item = catalogue.item(row)
        if item.in_stock and not (item.group_id and item.group_id in groups):
            groups.add(item.group_id)
            kept.append(place)
        if len(kept) == k:
            break
    return Candidates(candidates.rows[kept], candidates.scores[kept], candidates.source)


def _hit(item: Item, score: float, rank: int, reasons: Sequence[Reason], wanted: Collection[str]) -> Hit:
    highlights = {name: spans for name, text in _shown(item) if (spans := match_spans(text, wanted))} if wanted else {}
    words = _words(item, highlights)
    named = tuple(Reason("words", words) if reason.kind == "words" else reason for reason in reasons)
    return Hit(item.item_id, round(score, 6), rank, item, named, highlights)


def _shown(item: Item) -> list[tuple[str, str]]:
    texts = [("title", item.title), ("description", item.description[:MAX_HIGHLIGHTED])]
    for language, part in item.translations.items():
        texts += [(f"title.{language}", part.title), (f"description.{language}", part.description[:MAX_HIGHLIGHTED])]
    return texts


def _words(item: Item, highlights: Mapping[str, Sequence[tuple[int, int]]]) -> str:
    texts = dict(_shown(item))
    words = (texts[name][start:end].casefold() for name, spans in highlights.items() for start, end in spans)
    return ", ".join(dict.fromkeys(words))
