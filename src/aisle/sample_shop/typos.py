"""Typing errors as people make them: fingers that slip on the keyboard, and words written as they sound."""

from collections.abc import Callable

import numpy as np

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ei", "ie"), ("ea", "ee"), ("oo", "u"), ("er", "or"), ("ou", "u"),
    ("kn", "n"), ("ff", "f"), ("ss", "s"), ("tt", "t"), ("ll", "l"), ("igh", "ite"), ("ar", "er"), ("ai", "ay"),
)  # fmt: skip
_HOMOPHONES = dict(
    zip(
        "机箱相卡键盘线灯泡抱枕毯杯咖啡豆锅刀鞋瑜伽垫壶帐篷恤外包袜面霜洗香玩具积木桌笔墨水蓝耳充跑数背克台双",
        "积相像咔健盆现登炮报震坦背加非逗国到协鱼枷电湖账蓬虚歪饱哇棉双喜湘完俱鸡目卓比默睡兰儿冲泡书被刻抬爽",
        strict=True,
    )
)
"""Characters that a Chinese input method offers for the same or nearly the same sound."""


def neighbours(key: str) -> str:
    """The letters beside `key` on a keyboard, on its own row and on the rows above and below.

    >>> neighbours("g")
    'fhtyvb'
    """
    for row, keys in enumerate(_KEY_ROWS):
        if key in keys:
            at = keys.index(key)
            above = _KEY_ROWS[row - 1][at : at + 2] if row > 0 else ""
            below = _KEY_ROWS[row + 1][max(at - 1, 0) : at + 1] if row < 2 else ""
            return keys[max(at - 1, 0) : at] + keys[at + 1 : at + 2] + above + below
    return ""


def misspell(query: str, rng: np.random.Generator) -> str:
    """`query` with one typing error, or as it is where none is likely (too short, nothing to mistake).

    Latin words of four letters and more slip to a neighbouring key, swap, lose or double a letter, or
    are written as they sound; Chinese words take a character that sounds alike.
    """
    chinese = [position for position, character in enumerate(query) if character in _HOMOPHONES]
    if chinese:
        at = int(rng.choice(chinese))
        return query[:at] + _HOMOPHONES[query[at]] + query[at + 1 :]
    words = query.split(" ")
    long_words = [
        position for position, word in enumerate(words) if len(word) >= 4 and word.isascii() and word.isalpha()
    ]
    if not long_words:
        return query
    position = int(rng.choice(long_words))
    slip = _SLIPS[int(rng.choice(len(_SLIPS), p=_SLIP_SHARES))]
    words[position] = slip(words[position], rng)
    return " ".join(words)


def _neighbour(word: str, rng: np.random.Generator) -> str:
    at = _inside(word, rng)
    keys = neighbours(word[at])
    return word[:at] + keys[int(rng.integers(len(keys)))] + word[at + 1 :] if keys else word


def _swap(word: str, rng: np.random.Generator) -> str:
    at = _inside(word, rng, last=2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str, rng: np.random.Generator) -> str:
    at = _inside(word, rng)
    return word[:at] + word[at + 1 :]


def _double(word: str, rng: np.random.Generator) -> str:
    at = _inside(word, rng)
    return word[: at + 1] + word[at:]


def _phonetic(word: str, rng: np.random.Generator) -> str:
    heard = [pair for pair in _SOUNDS if pair[0] in word]
    if not heard:
        return _drop(word, rng)
    sound, written = heard[int(rng.integers(len(heard)))]
    return word.replace(sound, written, 1)


def _inside(word: str, rng: np.random.Generator, last: int = 1) -> int:
    """A position after the first letter: people seldom mistake the first one."""
    return int(rng.integers(1, len(word) - last + 1))


_SLIPS: tuple[Callable[[str, np.random.Generator], str], ...] = (_neighbour, _swap, _drop, _double, _phonetic)
_SLIP_SHARES = (0.22, 0.24, 0.24, 0.15, 0.15)
