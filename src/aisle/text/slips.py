"""How likely it is that fingers or ears made one word out of another."""

from functools import lru_cache
from itertools import accumulate

from rapidfuzz.distance import Levenshtein

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiouy")

SUBSTITUTED = 1.0
NEIGHBOUR_KEY = 0.8
OTHER_VOWEL = 0.6
LIKE_SOUND = 0.65
SWAPPED = 0.6
DROPPED = 0.85
DROPPED_DOUBLE = 0.4
DROPPED_SILENT = 0.6
DROPPED_VOWEL = 0.7
ADDED = 0.95
ADDED_DOUBLE = 0.45
ADDED_SILENT = 0.65
SAME_SOUND = 0.6
FIRST_LETTER = 0.4
"""Slips by kind, in units of one letter replaced by any other; one in the first letter costs this much more."""

_ALIKE = ("ck", "cs", "sz", "fv", "gj", "dt", "bp", "mn", "qk", "cq", "xs", "xz", "uw", "vw", "lr", "kg", "hg", "jy")
_SOUNDS = (
    "f ph|f gh|k ck|k ch|k qu|s sc|s ps|s ss|c ss|sh ti|sh ci|sh ch|ch tch|j dg|x cks|x cs|x ks|x ct|n kn|r wr|"
    "r rh|w wh|m mb|"
    "oo u|oo ou|ee ea|ee ie|ee i|ea e|ai ay|ai a|ay ey|ou ow|ou u|ou o|au o|au a|aw or|or our|er re|er or|er ar|er ure|"
    "er our|"
    "le el|le al|le il|tion sion|tion shun|ent ant|ence ance|y ie|y ey|igh y|igh ie|i igh|ite ight|o ough|ew u|ue oo|"
    "ou oo|ei a|eu u|cion tion|qu kw|que k|que ck|gue g|z ss|z se|ce se|ge dge"
)


def _sounds() -> dict[str, frozenset[str]]:
    heard: dict[str, set[str]] = {}
    for pair in _SOUNDS.split("|"):
        one, other = pair.split(" ")
        heard.setdefault(one, set()).add(other)
        heard.setdefault(other, set()).add(one)
    return {sound: frozenset(others) for sound, others in heard.items()}


_HEARD = _sounds()


def _neighbours() -> frozenset[str]:
    """All pairs of letters, in both orders, whose keys touch."""
    pairs: set[str] = set()
    for number, row in enumerate(_KEY_ROWS):
        for at, key in enumerate(row):
            below = _KEY_ROWS[number + 1] if number < 2 else ""
            for near in row[at + 1 : at + 2] + below[max(at - 1, 0) : at + 1]:
                pairs |= {key + near, near + key}
    return frozenset(pairs)


def _replaced() -> dict[str, float]:
    """The cost of typing the first letter of each pair instead of the second, where it is less than usual."""
    costs = dict.fromkeys(_neighbours(), NEIGHBOUR_KEY)
    costs |= {letters: LIKE_SOUND for pair in _ALIKE for letters in (pair, pair[::-1])}
    return costs | {one + other: OTHER_VOWEL for one in _VOWELS for other in _VOWELS}


_REPLACED = _replaced()


def slip_cost(typed: str, meant: str) -> float:
    """How far `typed` is from `meant`, in units of one letter replaced by any other; 0 for the same word.

    A weighted edit distance with swaps (Damerau 1964) in which neighbouring keys, doubled and silent
    letters, vowels and letters that sound alike are nearer (noisy channel: Kernighan, Church and Gale
    1990; edits of several letters: Brill and Moore 2000). Both words are in lower case.

    >>> slip_cost("iphnoe", "iphone"), slip_cost("headfones", "headphones")
    (0.6, 0.6)
    """
    cost = FIRST_LETTER if typed[:1] != meant[:1] else 0.0
    for i, j, k, m in _differing(typed, meant):
        before, after = int(i > 0), int(j < len(typed))
        cost += _distance(typed[i - before : j + after], meant[k - before : m + after], not after)
    return round(cost, 6)


def _differing(typed: str, meant: str) -> list[list[int]]:
    """Where the words differ: [start, end) in the one and the other, a single equal letter between two included."""
    parts: list[list[int]] = []
    for edit in Levenshtein.opcodes(typed, meant):
        if edit.tag == "equal":
            continue
        if parts and edit.src_start - parts[-1][1] <= 1:
            parts[-1][1], parts[-1][3] = edit.src_end, edit.dest_end
        else:
            parts.append([edit.src_start, edit.src_end, edit.dest_start, edit.dest_end])
    return parts


@lru_cache(maxsize=100_000)
def _distance(typed: str, meant: str, at_end: bool) -> float:
    """The cost of the cheapest way from `meant` to `typed`, by dynamic programming over their beginnings."""
    added = [_added(typed, at, at_end) for at in range(len(typed))]
    dropped = [_dropped(meant, at, at_end) for at in range(len(meant))]
    best = [list(accumulate(dropped, initial=0.0))]
    for i, letter in enumerate(typed):
        row = [best[i][0] + added[i]]
        sounds = [(n, sound) for n in range(1, min(4, i + 1) + 1) for sound in _HEARD.get(typed[i + 1 - n : i + 1], ())]
        for j, other in enumerate(meant):
            replaced = 0.0 if letter == other else _REPLACED.get(letter + other, SUBSTITUTED)
            cost = min(best[i][j] + replaced, best[i][j + 1] + added[i], row[j] + dropped[j])
            if i and j and letter == meant[j - 1] and other == typed[i - 1]:
                cost = min(cost, best[i - 1][j - 1] + SWAPPED)
            for n, sound in sounds:
                if other == sound[-1] and meant.endswith(sound, 0, j + 1):
                    cost = min(cost, best[i + 1 - n][j + 1 - len(sound)] + SAME_SOUND)
            row.append(cost)
        best.append(row)
    return best[-1][-1]


def _dropped(meant: str, at: int, at_end: bool) -> float:
    letter = meant[at]
    if at and meant[at - 1] == letter:
        return DROPPED_DOUBLE
    if letter == "h" or (at_end and at == len(meant) - 1 and letter == "e"):
        return DROPPED_SILENT
    return DROPPED_VOWEL if letter in _VOWELS else DROPPED


def _added(typed: str, at: int, at_end: bool) -> float:
    letter = typed[at]
    if at and typed[at - 1] == letter:
        return ADDED_DOUBLE
    if letter == "h" or (at_end and at == len(typed) - 1 and letter == "e"):
        return ADDED_SILENT
    return ADDED
