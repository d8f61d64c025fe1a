"""Every error that Aisle raises on purpose. A message says what was given, what was expected, and what to do."""

from collections.abc import Iterable

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne


class AisleError(Exception):
    """The base of all errors below: catch this one to catch them all."""


class InputError(AisleError, ValueError):
    """A value that the caller gave cannot be used: a query, a filter, an item, an event, a file."""


class NotFoundError(AisleError, LookupError):
    """A thing that was named does not exist: an item, a release, a shop folder."""


class SettingsError(AisleError, ValueError):
    """`aisle.toml` holds an unknown key or a value outside its range."""


class StoreError(AisleError):
    """The database refused: it is full, locked, away, or made by a newer Aisle."""


class ReleaseError(AisleError):
    """A release is missing, incomplete or corrupt."""


class AwayError(AisleError):
    """An engine on another machine does not answer: it is away, too slow, or refuses everybody."""


class ProcessError(AisleError):
    """One of several processes that work together failed or was killed, which ended the others."""


class MissingExtraError(AisleError, ImportError):
    """A feature needs packages that are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f'{feature} needs packages that are not installed; run: pip install "aisle[{extra}]"')
        self._made_of = feature, extra

    def __reduce__(self) -> tuple[type["MissingExtraError"], tuple[str, str]]:
        return MissingExtraError, self._made_of  # so that it can come from another process


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the closest of `known` to `name`, or lists them when none is close.

    >>> nearest("pirce", ["price", "brand"])
    'did you mean "price"?'
    >>> nearest("xyz", ["price", "brand"])
    'known names: brand, price'
    """
    choices = sorted(known)
    # The plain ratio: the default scorer matches parts, by which "k" would be the nearest of "lokale".
    best = extractOne(name, choices, scorer=ratio, score_cutoff=60)
    if best:
        return f'did you mean "{best[0]}"?'
    return "known names: " + ", ".join(choices)
