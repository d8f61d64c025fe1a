"""Do once what the first shopper would otherwise wait for."""

from aisle.pipelines.complete import complete
from aisle.pipelines.recommend import popular
from aisle.pipelines.search import search
from aisle.releases import Release
from aisle.types import SearchRequest

PROBES = {"en": "a warm jacket", "zh": "保暖外套"}
"""One query a language: each reads the dictionary of its language, and the encoder's pages."""


def warm(release: Release) -> None:
    """Answer a search, a suggestion and a shelf, so that dictionaries and keys are read and caches are filled."""
    release.completions.prepared()
    for locale in release.settings.shop.locales:
        probe = PROBES.get(locale, PROBES["en"])
        search(release, SearchRequest(probe, facets=True, locale=locale))
        complete(release, probe[:1], 1, locale)
    popular(release, (), 1)
