"""One spelling for the many ways of typing the same."""

import re
import unicodedata

CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""The Chinese characters, as they stand between the brackets of a regular expression."""
_CHINESE = re.compile(f"[{CHINESE}]")


def normalise(text: str) -> str:
    """The text with full-width forms made half-width, compatibility forms unified (NFKC), spaces single.

    >>> normalise("ＵＳＢ－Ｃ　 cable")
    'USB-C cable'
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def has_chinese(text: str) -> bool:
    """True when `text` holds a Chinese character."""
    return _CHINESE.search(text) is not None
