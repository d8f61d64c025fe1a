"""How a word sounds, so that headfones is near headphones."""

import re

_SPELLINGS = (
    (r"^(?:kn|gn|pn|mn)", "n"),
    (r"^wr", "r"),
    (r"^ps|^x", "s"),
    (r"mb$", "m"),
    (r"(?:ou|au|i|ei)ght?", "t"),
    (r"(?:i|ei|ou|au)gh", ""),
    (r"gh(?=[aeiou])", "g"),
    (r"gh|ph|v|f", "f"),
    (r"sch|tch|ch", "C"),
    (r"[cst]i(?=[oa])|ssi(?=o)|sh", "S"),
    (r"th", "T"),
    (r"dg(?=[eiy])|g(?=[eiy])|j", "j"),
    (r"ck|qu|q|k", "k"),
    (r"sc(?=[eiy])|c(?=[eiy])|z|s", "s"),
    (r"c", "k"),
    (r"x", "ks"),
    (r"^[aeiouy]+", "A"),
    (r"[aeiouyw]+|(?<=.)h", ""),
)
_RULES = re.compile("|".join(f"({pattern})" for pattern, _ in _SPELLINGS))
_SOUNDS = ("", *(sound for _, sound in _SPELLINGS))
_DOUBLED = re.compile(r"(.)\1+")


def sound_key(word: str) -> str:
    """The consonants of an English word as they sound, with a mark for a vowel at the beginning.

    After Philips 1990, "Hanging on the Metaphone", with fewer rules. `word` is in lower case.

    >>> sound_key("headphones"), sound_key("headfones")
    ('hdfns', 'hdfns')
    """
    return _DOUBLED.sub(r"\1", _RULES.sub(lambda found: _SOUNDS[found.lastindex or 0], word))
