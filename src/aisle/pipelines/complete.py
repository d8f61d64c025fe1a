"""From the first letters to what may be meant."""

from aisle.releases import Release
from aisle.types import MAX_QUERY_LENGTH, Suggestion, check_page, check_text


def complete(release: Release, prefix: str, k: int, locale: str) -> tuple[Suggestion, ...]:
    """At most `k` queries, categories, brands and items with a word that begins with `prefix`.

    An empty prefix gets the most frequent queries. Raises InputError for a prefix of more than
    1,000 characters or a `k` out of range.
    """
    check_text("prefix", prefix, MAX_QUERY_LENGTH)
    check_page(k)
    return release.completions.suggest(prefix, k, locale)
