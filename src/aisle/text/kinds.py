"""What kind of query it is: the name of one thing, its number, a broad need, or a specific one."""

import itertools
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from aisle.text.entities import Found, Word, phrase_words
from aisle.text.measures import read_measure
from aisle.text.normalise import has_chinese, normalise
from aisle.types import Item

Kind = Literal["navigational", "product_number", "broad", "specific"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Hashes = NDArray[np.uint64]
"""(n,) uint64, ascending: 8 bytes a text, whatever its length; any two of a million are the same once in 10^7 shops."""
MIN_CODE_LENGTH = 4
MAX_CODE_ITEMS = 20
"""What stands in more titles is no number of one product: "1080p", "802.11ac"."""
MAX_NAME_ITEMS = 50
MAX_NAME_WORDS = 6
MIN_CODE_SHARE = 0.5
"""A query is a product number when codes make up this share of its letters and digits."""
_CODE_FIELD = re.compile(r"(?:^|_)(?:mpn|sku|ean|upc|isbn|gtin|oem|model|part|article|code|number|no)(?:_|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The product numbers and the product names of a catalogue."""

    codes: Hashes
    names: Hashes


def learn_names(items: Sequence[Item]) -> Names:
    """What in `items` is a product's own number or name.

    Numbers are item ids, GTINs, values of attributes such as "mpn" or "oem_code", and words of few titles with
    digits and letters, or five digits and more. Names are titles, and the words that titles of one
    brand begin with, after it and with it.
    """
    codes, in_titles, names = array("Q"), array("Q"), array("Q")  # hashes: of a million items there are ten million
    for item in items:
        codes.extend(map(_hash, set(_own_codes(item))))
        in_titles.extend({_hash(code) for word in normalise(item.title).split() if (code := _title_code(word))})
        names.extend({_hash(" ".join(words)) for words in _own_names(item)})
    return Names(
        np.union1d(_seldom(codes, len(items)), _seldom(in_titles, MAX_CODE_ITEMS)), _seldom(names, MAX_NAME_ITEMS)
    )


def query_kind(query: str, found: Sequence[Found], names: Names, bounded: bool = False) -> Kind:
    """The kind of `query`, in normal form, in which the phrases `found` were recognised.

    "product_number": mostly codes that the catalogue holds. "navigational": a brand alone, or words
    that products of one brand are called by. "broad": one phrase or one word, such as a category.
    "specific": everything else, and what sets bounds (`bounded`) for a price or size.
    """
    words = phrase_words(query)
    if _code_share(query, names) >= MIN_CODE_SHARE:
        return "product_number"
    if bounded:
        return "specific"
    outside = [word for word in words if not any(one.start <= word.start < one.end for one in found)]
    if len(found) == 1 and not outside and found[0].phrase.meanings[0][0] == "brand":
        return "navigational"
    named = [one for one in found if one.phrase.meanings[0][0] != "brand"]
    if (outside or len(named) < len(found) == 1) and _has(names.names, " ".join(word.term for word in words)):
        return "navigational"
    return "broad" if len(found) + _n_runs(outside) <= 1 else "specific"


def _n_runs(words: Sequence[Word]) -> int:
    """How many words these are, where Chinese characters side by side count as one."""
    joined = sum(
        one.end == other.start and has_chinese(one.term) and has_chinese(other.term)
        for one, other in itertools.pairwise(words)
    )
    return len(words) - joined


def _own_codes(item: Item) -> Iterator[str]:
    values = [item.item_id, item.gtin]
    for name, value in item.attributes.items():
        if isinstance(value, str | tuple) and _CODE_FIELD.search(name.casefold()):
            values += [value] if isinstance(value, str) else value
    yield from (code for value in values if (code := _code(value)))


def _own_names(item: Item) -> Iterator[tuple[str, ...]]:
    title = [word.term for word in phrase_words(normalise(item.title))]
    brand = [word.term for word in phrase_words(normalise(item.brand))]
    if len(title) > 1:
        yield tuple(title)
    if not brand or title[: len(brand)] != brand:
        return
    for length in range(1, MAX_NAME_WORDS):
        if len(rest := title[len(brand) : len(brand) + length]) == length:
            yield (*brand, *rest)
            if length > 1:
                yield tuple(rest)


def _code(text: str) -> str:
    """The letters and digits of a code, in lower case; empty when it cannot be one."""
    code = "".join(letter for letter in normalise(text).casefold() if letter.isalnum())
    return code if MIN_CODE_LENGTH <= len(code) <= 32 and any(map(str.isdigit, code)) else ""


def _title_code(word: str) -> str:
    code = _code(word)
    if not code or not code.isascii() or read_measure(word) is not None:
        return ""
    return code if (not code.isdigit() or len(code) >= 5) else ""


def _code_share(query: str, names: Names) -> float:
    parts = query.split()
    whole = _code(query)
    if whole and len(parts) <= 3 and _has(names.codes, whole):
        return 1.0
    length = sum(map(str.isalnum, query))
    known = [code for part in parts if (code := _code(part)) and _has(names.codes, code)]
    return sum(map(len, known)) / length if length else 0.0


def _seldom(hashes: "array[int]", most: int) -> Hashes:
    """Those that come `most` times at most."""
    found, counts = np.unique(np.array(hashes, np.uint64), return_counts=True)
    return np.asarray(found[counts <= most])


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _has(hashes: Hashes, text: str) -> bool:
    wanted = np.uint64(_hash(text))
    place = int(np.searchsorted(hashes, wanted))
    return place < len(hashes) and bool(hashes[place] == wanted)
