"""The pieces of a query that have a meaning of their own: words, Chinese words, measures."""

from aisle.text.normalise import has_chinese, normalise
from aisle.text.units import measures
from aisle.text.words import chinese_words


def pieces(query: str) -> list[str]:
    """The words of `query` as they were typed, in order; a measure is one piece, Chinese is cut without overlap.

    >>> pieces("red 无线耳机 2 m TN-2110 !")
    ['red', '无线耳机', '2 m', 'TN-2110']
    """
    text = normalise(query)
    found: list[str] = []
    done = 0
    for start, end, _ in measures(text):
        found += _words(text[done:start])
        found.append(text[start:end])
        done = end
    return found + _words(text[done:])


def _words(text: str) -> list[str]:
    words = [part for word in text.split() for part in (chinese_words(word) if has_chinese(word) else [word])]
    return [word for word in words if any(letter.isalnum() for letter in word)]
