"""What a shop may suggest: its popular queries, categories, brands and items, as long as they lead somewhere."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence

from aisle.index.completions import Completion, Completions, sense
from aisle.index.facets import equals
from aisle.index.pairs import PATH_SEPARATOR
from aisle.text import has_chinese, normalise
from aisle.types import Item

MIN_SEARCHES = 2
"""Queries that were typed less often are no suggestion."""
MAX_ITEMS = 100_000
"""The most popular items, whose titles may be suggested: a list shows three of them, and each takes 2 KB of memory."""
CHINESE = "zh"


def learn_completions(
    items: Sequence[Item],
    popularity: Sequence[float],
    searches: Mapping[str, int],
    finds: Callable[[str], bool],
) -> Completions:
    """The completions of a shop.

    `popularity` has a number for each item, higher is better; `searches` says how often each text was
    searched for; `finds` says whether a search for a text finds anything: what finds nothing is not suggested.
    """
    return Completions(
        (
            *_queries(searches, finds),
            *_titles(items, popularity),
            *(one for one in (*_brands(items), *_categories(items)) if finds(one.text)),
        )
    )


def _queries(searches: Mapping[str, int], finds: Callable[[str], bool]) -> Iterator[Completion]:
    """What was searched for more than once, in the spelling used most: "usb cable" stands for "USB cables"."""
    spellings: dict[str, dict[str, int]] = {}
    for query, n in sorted(searches.items()):
        text = normalise(query)
        forms = spellings.setdefault(sense(text), {})
        forms[text] = forms.get(text, 0) + n
    for forms in spellings.values():
        text, n = max(forms, key=lambda form: forms[form]), sum(forms.values())
        if n >= MIN_SEARCHES and finds(text):
            yield Completion(text, "query", n, _locale(text))


def _titles(items: Sequence[Item], popularity: Sequence[float]) -> Iterator[Completion]:
    rows: Sequence[int] = range(len(items))
    if len(items) > MAX_ITEMS:
        rows = sorted(heapq.nsmallest(MAX_ITEMS, rows, key=lambda row: (-popularity[row], row)))
    for item, weight in ((items[row], popularity[row]) for row in rows):
        about = (*((item.brand,) if item.brand else ()), *_paths(item.category))
        yield Completion(item.title, "item", float(weight), _locale(item.title), item.item_id, about=about)
        for language, part in item.translations.items():
            if part.title:
                yield Completion(part.title, "item", float(weight), language, item.item_id, about=about)


def _brands(items: Sequence[Item]) -> Iterator[Completion]:
    counts: dict[str, int] = {}
    for item in items:
        if item.brand:
            counts[item.brand] = counts.get(item.brand, 0) + 1
    for name, n in counts.items():
        yield Completion(name, "brand", n, filter=equals("brand", name), about=(name,))


def _categories(items: Sequence[Item]) -> Iterator[Completion]:
    """Every category under its own name, once for each place in the tree and for each language."""
    counts: dict[tuple[tuple[str, ...], str, tuple[str, ...]], int] = {}
    for item in items:
        named = [("", item.category), *((lang, part.category) for lang, part in item.translations.items())]
        for language, path in named:
            for depth in range(1, len(path) + 1 if len(path) == len(item.category) else 0):
                key = (item.category[:depth], language or _locale(path[depth - 1]), path[:depth])
                counts[key] = counts.get(key, 0) + 1
    for (own, language, path), n in counts.items():
        joined = PATH_SEPARATOR.join(own)
        yield Completion(path[-1], "category", n, language, "", equals("category", joined), path, tuple(_paths(own)))


def _paths(category: tuple[str, ...]) -> list[str]:
    return [PATH_SEPARATOR.join(category[:depth]) for depth in range(1, len(category) + 1)]


def _locale(text: str) -> str:
    return CHINESE if has_chinese(text) else ""
