"""What is known about each candidate of a query, as numbers that a ranker learns from."""

import numpy as np
from numpy.typing import NDArray

from aisle.index.lexical import FIELDS
from aisle.index.vectors import cosines
from aisle.ranking.clicks import ClickRates
from aisle.ranking.data import NAME_NUMBERS, Numbers, RankingData, number_of
from aisle.ranking.matches import TITLE, Floats, Matches, match_titles, match_words
from aisle.ranking.protocol import Found, ranks, shares
from aisle.text import terms
from aisle.types import Candidates, Rows

FEATURES: tuple[tuple[str, str], ...] = (
    # The words of the query
    *((f"bm25_{name}", f"BM25 of the {name} alone.") for name in FIELDS),
    *((f"bm25_{name}_share", f"BM25 of the {name} as a share of the best candidate's.") for name in FIELDS),
    ("bm25_best_field", "The best of the fields' shares."),
    ("coverage_title", "Share of the query's words in the title, weighted by idf."),
    ("coverage_any", "Share of the query's words in any field, weighted by idf."),
    ("coverage_title_share", "coverage_title as a share of the best candidate's."),
    ("coverage_any_share", "coverage_any as a share of the best candidate's."),
    ("rarest_in_title", "1 where the query's rarest word is in the title."),
    ("n_fields", "Mean number of fields that a word of the query stands in."),
    ("title_pairs", "Share of neighbouring words of the query that are neighbours in the title, in the same order."),
    ("title_starts", "1 where the title starts with the query."),
    ("title_exact", "1 where the title is the query."),
    ("title_first", "Place of the query's first word in the title, from 0; 99 for none."),
    ("title_behind", "Words of the title behind the query's last word; 99 for none."),
    ("title_purpose", "1 where the query stands in the title only as what the item is for."),
    ("title_words", "Words of the title."),
    ("title_words_ratio", "Words of the title by the mean of the candidates."),
    ("title_share", "Share of the title that is words of the query."),
    ("text_words", "Words of the description."),
    ("brand_named", "1 where the query holds every word of the brand."),
    ("brand_is_query", "1 where the query is the brand."),
    # The two retrievers and their fusion
    ("cosine", "Cosine of query and item."),
    ("cosine_gap", "Cosine less the best candidate's."),
    ("lexical_share", "Score by words as a share of the best; 0 where words did not find it."),
    ("lexical_rank", "Place among those found by words, from 1; 999 for none."),
    ("dense_rank", "Place among those found by meaning, from 1; 999 for none."),
    ("fused", "Fused score."),
    ("fused_share", "Fused score as a share of the best."),
    ("fused_rank", "Place in the fused order, from 1."),
    # The item itself
    ("popularity", "How much is done with the item, recent events counting more."),
    ("popularity_share", "Popularity as a share of the most popular candidate's."),
    ("price_log", "Natural logarithm of 1 + price; -1 where there is none."),
    ("price_to_median", "Logarithm of price by the median of the candidates; 0 where there is none."),
    ("age_days", "Days that the item is older than the newest candidate; -1 where it does not say."),
    ("in_stock", "1 unless the shop says that none is left."),
    ("rating", "Mean rating; 0 where there is none."),
    # Agreement with what else was found
    ("category_agreement", "Share of the best fused candidates' weight in the item's own category."),
    ("category_probability", "Probability that the query means the item's category or one above it."),
    ("brand_agreement", "Share of the best fused candidates' weight with the item's brand."),
    ("kind_agreement", "Likeness of the item's attribute names to those of the best fused candidates."),
    ("centroid_5", "Cosine with the mean of the 5 best fused candidates (pseudo relevance feedback)."),
    ("centroid_20", "Cosine with the mean of the 20 best fused candidates."),
    ("centroid_lexical", "Cosine with the mean of the 10 best by words."),
    ("density", "Mean cosine with all candidates."),
    # What shoppers did
    ("click_rate", "Smoothed click rate of the item for this query, the places it was shown at taken into account."),
    ("purchase_rate", "Smoothed purchase rate of the item for this query."),
    ("shown_log", "Logarithm of 1 + how often it was seen for this query."),
    # The query itself
    ("n_words", "Words of the query."),
    ("rarest_idf", "idf of the query's rarest word."),
    ("n_candidates", "Candidates of the query."),
    ("has_digits", "1 where the query holds a digit."),
    ("best_cosine", "Best cosine of a candidate: how sure the meaning is."),
    ("full_matches", "Share of the candidates whose title has every word."),
)  # fmt: skip
"""Every feature with its meaning, in the order of the columns."""
NAMES = tuple(name for name, _ in FEATURES)
MAX_WORDS = 16
"""Words of a query that are looked at one by one."""
NO_RANK = 999.0
_AGREEING = 20
"""Best fused candidates that an item is compared with."""


def extract_features(
    data: RankingData, found: Found, fused: Candidates, clicks: ClickRates | None = None
) -> NDArray[np.float32]:
    """(len(fused), len(FEATURES)) float32, finite: what is known about each of `fused`, in their order.

    `fused` are some or all of `found.rows`, and `data` knows them all.
    """
    order = np.argsort(fused.rows)
    rows = fused.rows[order]
    places = np.searchsorted(found.rows, rows)
    words = [number_of(word) for word in terms(found.query)[:MAX_WORDS]]
    columns = {
        **_words(data, np.array(words, np.uint32), rows),
        **_retrieval(found, fused, order, places),
        **_item(data, rows),
        **_agreement(data, found, fused, order),
        **_likeness(found, fused, places),
        **_behaviour(clicks, found, rows),
    }
    by_feature = np.empty((len(NAMES), len(rows)), np.float32)
    for values, name in zip(by_feature, NAMES, strict=True):
        values[:] = columns[name]
    table = np.empty((len(rows), len(NAMES)), np.float32)
    table[order] = by_feature.T
    return table


Columns = dict[str, Floats | float]


def _words(data: RankingData, words: Numbers, rows: Rows) -> Columns:
    distinct = np.array(list(dict.fromkeys(words.tolist())), np.uint32)
    matches = match_words(data, distinct, rows)
    columns: Columns = dict.fromkeys(_BM25, 0.0)
    shared = [_shared(bm25) for bm25 in matches.bm25]
    for name, bm25, share in zip(matches.fields, matches.bm25, shared, strict=True):
        columns |= {f"bm25_{name}": bm25, f"bm25_{name}_share": share}
    columns["bm25_best_field"] = np.maximum.reduce(shared) if shared else 0.0
    title_words = np.maximum(matches.lengths[:, TITLE], 1)
    mean_words = float(title_words.sum()) / max(1, len(rows))
    title_counts = matches.of("title")
    in_title = title_counts > 0
    return (
        columns
        | _coverage(matches, in_title)
        | _titles(data, words, rows)
        | _brands(matches)
        | {
            "title_words": title_words,
            "title_words_ratio": title_words / max(1.0, mean_words),
            "title_share": title_counts.sum(axis=0) / title_words,
            "text_words": matches.lengths[:, FIELDS.index("description")],
            "n_words": len(words),
            "rarest_idf": float(matches.idf.max(initial=0)),
            "full_matches": np.count_nonzero(in_title.all(axis=0)) / max(1, len(rows)) if len(distinct) else 0.0,
        }
    )


def _coverage(matches: Matches, in_title: NDArray[np.bool_]) -> Columns:
    if not len(matches.idf):
        return dict.fromkeys(("rarest_in_title", "n_fields", *_COVERAGES), 0.0)
    weights = matches.idf / max(1e-6, float(matches.idf.sum()))
    used = matches.counts > 0
    title, anywhere = _share_of(weights, in_title), _share_of(weights, np.logical_or.reduce(used, axis=0))
    return {
        "coverage_title": title,
        "coverage_any": anywhere,
        "coverage_title_share": _shared(title),
        "coverage_any_share": _shared(anywhere),
        "rarest_in_title": in_title[int(np.argmax(matches.idf))],
        "n_fields": used.sum(axis=(0, 1)) / len(weights),
    }


def _share_of(weights: Floats, there: NDArray[np.bool_]) -> Floats:
    """(n,) float32: the weight of the words that are there, of (n_words, n)."""
    return np.asarray(there.T.astype(np.float32, order="C") @ weights)


def _titles(data: RankingData, words: Numbers, rows: Rows) -> Columns:
    titles = match_titles(data, words, rows)
    return {
        "title_pairs": titles.pairs,
        "title_starts": titles.starts,
        "title_exact": titles.exact,
        "title_first": titles.first,
        "title_behind": titles.last,
        "title_purpose": titles.purpose,
    }


def _brands(matches: Matches) -> Columns:
    if "brand" not in matches.fields:
        return {"brand_named": 0.0, "brand_is_query": 0.0}
    lengths = matches.lengths[:, FIELDS.index("brand")]
    named = (matches.of("brand").sum(axis=0) >= lengths) & (lengths > 0)
    return {"brand_named": named, "brand_is_query": named & (lengths == len(matches.idf))}


def _retrieval(found: Found, fused: Candidates, order: Rows, places: Rows) -> Columns:
    cosines = found.cosines[places]
    best = float(found.cosines.max(initial=0))
    ordered = fused.scores[order]
    return {
        "cosine": cosines,
        "cosine_gap": cosines - best,
        "best_cosine": best,
        "lexical_share": shares(found.lexical, found.rows)[places],
        "lexical_rank": ranks(found.lexical, found.rows, NO_RANK)[places],
        "dense_rank": ranks(found.dense, found.rows, NO_RANK)[places],
        "fused": ordered,
        "fused_share": _shared(ordered),
        "fused_rank": (order + 1).astype(np.float32),
        "n_candidates": len(found.rows),
        "has_digits": float(any(letter.isdigit() for letter in found.query)),
    }


def _item(data: RankingData, rows: Rows) -> Columns:
    price, rating, released, in_stock, _ = data.numbers[rows].T
    logs = np.log1p(price)
    known = np.sort(logs[~np.isnan(logs)])
    ages = np.fmax.reduce(released, initial=-np.inf) - released
    popularity = data.popularity[rows]
    return {
        "popularity": popularity,
        "popularity_share": _shared(popularity),
        "price_log": _filled(logs, -1),
        "price_to_median": _filled(logs - known[len(known) // 2], 0) if len(known) else 0.0,
        "age_days": _filled(ages, -1),
        "in_stock": in_stock,
        "rating": _filled(rating, 0),
    }


def _agreement(data: RankingData, found: Found, fused: Candidates, order: Rows) -> Columns:
    rows, weights = fused.rows[order], np.zeros(len(order), np.float32)
    best = order < _AGREEING
    weights[best] = fused.scores[order][best]
    weights /= max(1e-6, float(weights.sum()))
    levels = data.categories[rows]
    own = levels[np.arange(len(rows)), np.maximum((levels > 0).sum(axis=1) - 1, 0)]
    probability = np.zeros(len(rows))
    for path, likely in found.categories:
        probability = np.maximum(probability, likely * np.equal(levels.T, number_of(path)).any(axis=0))
    return {
        "category_agreement": _mass(own, weights),
        "category_probability": probability.astype(np.float32),
        "brand_agreement": _mass(data.brands[rows], weights),
        "kind_agreement": _kinds(data, rows, weights),
    }


def _mass(values: Numbers, weights: Floats) -> Floats:
    """The weight of all that have the same value as each; 0 for a value of 0."""
    if not values.any():
        return np.zeros(len(values), np.float32)
    weighty = weights > 0
    same = (values[:, None] == values[weighty]) & (values[:, None] > 0)
    return np.asarray(same @ weights[weighty], np.float32)


def _kinds(data: RankingData, rows: Rows, weights: Floats) -> Floats:
    """Cosine of each item's set of attribute names with the weighted sum of all sets; rarer names count no more."""
    starts, ends = data.name_starts[rows], data.name_starts[rows + 1]
    lengths = ends - starts
    total = int(lengths.sum())
    if not total:
        return np.zeros(len(rows), np.float32)
    owner = np.repeat(np.arange(len(rows)), lengths)
    names = data.names[np.arange(total) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)]
    size = np.sqrt(np.maximum(lengths, 1))
    profile = np.bincount(names, (weights / size)[owner], minlength=NAME_NUMBERS)
    alike = np.bincount(owner, profile[names], minlength=len(rows)) / size
    return np.asarray(alike / max(1e-6, float(np.linalg.norm(profile))), np.float32)


def _likeness(found: Found, fused: Candidates, places: Rows) -> Columns:
    if found.vectors is None or not len(places):
        return dict.fromkeys(("centroid_5", "centroid_20", "centroid_lexical", "density"), 0.0)
    vectors = found.vectors
    at = np.searchsorted(found.rows, fused.rows)
    by_words = np.searchsorted(found.rows, found.lexical.rows[:10])
    best = vectors[at[:20]]
    sums = best[:5].sum(axis=0), best.sum(axis=0), vectors[by_words].sum(axis=0), vectors.sum(axis=0)
    means = np.array(sums, np.float32)
    means /= np.maximum(np.sqrt((means * means).sum(axis=1, keepdims=True)), 1e-6)
    # All four in one pass: together the vectors are more than the fastest cache holds.
    alike = cosines(vectors[:, None], means).T[:, places]
    return dict(zip(("centroid_5", "centroid_20", "centroid_lexical", "density"), alike, strict=True))


def _behaviour(clicks: ClickRates | None, found: Found, rows: Rows) -> Columns:
    if clicks is None:
        return dict.fromkeys(("click_rate", "purchase_rate", "shown_log"), 0.0)
    click, purchase, shown = clicks.of(found.query, rows)
    return {"click_rate": click, "purchase_rate": purchase, "shown_log": np.log1p(shown)}


def _filled(values: Floats, missing: float) -> Floats:
    return np.where(np.isnan(values), np.float32(missing), values)


def _shared(values: Floats) -> Floats:
    """Each column as a share of its maximum; 0 where that is not above 0."""
    if not len(values):
        return values
    return np.asarray(values / np.maximum(values.max(axis=0), 1e-6), np.float32)


_BM25 = tuple(f"bm25_{name}{share}" for name in FIELDS for share in ("", "_share"))
_COVERAGES = ("coverage_title", "coverage_any", "coverage_title_share", "coverage_any_share")
