"""No dead ends: a query that asks for too much gives way, word by word, and says which words it lost."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

Count = Callable[[Sequence[str]], int]
"""How many items have all of these words."""
MAX_STEPS = 4
RELAXED_COSINE = 0.25
"""Items found by meaning alone need be no nearer than this when nothing else is left. 99 of 100 queries of another
shop find something at 0.28 with all-MiniLM-L6-v2, as do 99 of 100 strings of random letters: it is the last resort,
and the page says so."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word, or a recognised constraint by its label, that every result should have."""

    text: str
    importance: float
    """Higher is kept longer; 0 for what no item has, which only stands in the way."""
    optional: bool = False
    """Stop words, and compounds whose parts are words of the query too: they go first and are not missed."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What is left of a query, in its order."""

    words: tuple[str, ...]
    """Empty when no word could be kept: search by meaning alone, from `RELAXED_COSINE` on."""
    dropped: tuple[str, ...]
    """What was left out to find anything, without the optional ones."""

    @property
    def note(self) -> tuple[str, ...]:
        """For `SearchResponse.relaxed`: the words left out, ("*",) for meaning alone."""
        return self.dropped if self.words else ("*",)


def weigh(
    words: Sequence[str], n_with: Callable[[str], int], n_items: int, optional: Collection[str] = ()
) -> tuple[QueryWord, ...]:
    """The words with their importance: the inverse document frequency of Robertson and Spärck Jones (1976).

    `n_with` says how many of the `n_items` items have a word. Words come from `segment`, which gives
    long Chinese words beside their parts: such a one is optional, since its parts say the same.

    >>> words = weigh(["red", "mug", "qqq"], lambda word: {"red": 50, "mug": 5, "qqq": 0}[word], n_items=99)
    >>> [(word.text, round(word.importance, 1)) for word in words]
    [('red', 0.7), ('mug', 2.9), ('qqq', 0.0)]
    """
    distinct = list(dict.fromkeys(words))
    return tuple(
        QueryWord(word, _idf(n_with(word), n_items), word in optional or _is_made_of(word, distinct))
        for word in distinct
    )


def relax(words: Sequence[QueryWord], count: Count, min_hits: int = 1, max_steps: int = MAX_STEPS) -> Relaxed:
    """As many of the words as at least `min_hits` items have together.

    Optional words and words that no item has go first, then the least important, in at most `max_steps`
    steps down to a single word: a long query loses several at a step. Where that word is not enough, the
    next ones are tried alone. Words that turn out not to have been in the way come back.
    Asks `count` at most 2 + 2 * `max_steps` + the number of words times.

    >>> shop = [{"red", "mug"}, {"blue", "lamp"}]
    >>> words = [QueryWord("red", 2), QueryWord("lamp", 3)]
    >>> relax(words, lambda wanted: sum(set(wanted) <= item for item in shop))
    Relaxed(words=('lamp',), dropped=('red',))
    """
    if count([word.text for word in words]) >= min_hits:
        return Relaxed(tuple(word.text for word in words), ())
    for kept in _weaker(words, max_steps):
        if count([word.text for word in kept]) >= min_hits:
            return _told(words, _given_back(words, kept, count, min_hits))
    return _told(words, ())


def _weaker(words: Sequence[QueryWord], max_steps: int) -> Iterator[Sequence[QueryWord]]:
    known = [word for word in words if word.importance > 0]
    needed = [word for word in known if not word.optional] or known
    if needed and len(needed) < len(words):
        yield needed
    by_importance = sorted(range(len(needed)), key=lambda place: needed[place].importance)
    n_steps = min(max_steps, len(needed) - 1)
    for step in range(1, n_steps + 1):
        out = set(by_importance[: math.ceil(step * (len(needed) - 1) / n_steps)])
        yield [word for place, word in enumerate(needed) if place not in out]
    for place in by_importance[-2 : -max_steps - 2 : -1]:
        yield [needed[place]]


def _given_back(
    words: Sequence[QueryWord], kept: Sequence[QueryWord], count: Count, min_hits: int
) -> Sequence[QueryWord]:
    lost = [word for word in words if word not in kept and word.importance > 0 and not word.optional]
    for word in sorted(lost, key=lambda word: -word.importance):
        more = [one for one in words if one in kept or one is word]
        if count([one.text for one in more]) >= min_hits:
            kept = more
    return kept


def _told(words: Sequence[QueryWord], kept: Sequence[QueryWord]) -> Relaxed:
    dropped = tuple(word.text for word in words if word not in kept and not word.optional)
    return Relaxed(tuple(word.text for word in kept), dropped)


def _idf(n_with: int, n_items: int) -> float:
    return math.log1p((n_items - n_with + 0.5) / (n_with + 0.5)) if n_with else 0.0


def _is_made_of(word: str, words: Sequence[str]) -> bool:
    """Whether other words of the query, one after the other, spell this one."""
    parts = {part for part in words if part != word and part in word}
    ends = {0}
    for start in range(len(word)):
        if start in ends:
            ends |= {start + len(part) for part in parts if word.startswith(part, start)}
    return len(word) in ends
