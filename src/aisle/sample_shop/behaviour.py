"""What shoppers of the sample shop do on a visit: they look at slates, click, put things into the cart and buy."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aisle.sample_shop.chronicle import NOTHING, SURFACES, Happenings, happened, in_order, joined
from aisle.sample_shop.clicks import attraction, draw_clicks, sigmoid
from aisle.sample_shop.follow_ups import after_purchases
from aisle.sample_shop.searches import Typed, draw_needs, draw_queries, type_queries
from aisle.sample_shop.slates import SLATE_SIZE, Slates, popular_slates, search_slates, similar_slates
from aisle.sample_shop.users import Floats, Ints
from aisle.sample_shop.visits import Visits, draw_visits
from aisle.sample_shop.world import World
from aisle.types import EVENT_KINDS

_SECOND = 1 / 86_400
_SEARCH, _POPULAR, _SIMILAR, _ITEM = (SURFACES.index(name) for name in ("search", "popular", "similar", "item"))
_SEARCH_SHARE = 0.55
_SIMILAR_SHARE = 0.6
"""Of the pages that are no search, where an item was clicked before."""


@dataclass(slots=True)
class _Progress:
    """Where each visit stands; changes with every page."""

    clock: Floats
    last_click: Ints
    last_need: Ints
    n_searches: int


def behave(world: World, rng: np.random.Generator) -> tuple[Happenings, Typed]:
    """All that happens in the window, in the order of time, and what was typed."""
    visits = draw_visits(world, rng)
    n_visits = len(visits.user)
    progress = _Progress(visits.day.copy(), np.full(n_visits, NOTHING), np.full(n_visits, NOTHING), 0)
    typed = Typed([query.text for query in world.queries])
    parts = []
    for page in range(int(visits.n_pages.max())):
        parts += _look(world, visits, np.flatnonzero(visits.n_pages > page), progress, typed, rng)
    log = _without_seconds(world, joined(parts))
    log = joined([log, after_purchases(world, log, n_visits, rng)])
    return in_order(log.taken(log.day < world.days)), typed


def _look(
    world: World, visits: Visits, at: Ints, progress: _Progress, typed: Typed, rng: np.random.Generator
) -> list[Happenings]:
    """One page for each of the visits `at`: the search if it is one, what is shown, and what it leads to."""
    user, day = visits.user[at], progress.clock[at]
    surface = _surfaces(progress.last_click[at], rng)
    searching, similar, popular = (np.flatnonzero(surface == kind) for kind in (_SEARCH, _SIMILAR, _POPULAR))
    asked, searches = _ask(world, visits, at[searching], progress, typed, rng)
    slates = _gather(
        len(at),
        (searching, search_slates(world, asked, day[searching], rng)),
        (similar, similar_slates(world, progress.last_click[at[similar]], day[similar], rng)),
        (popular, popular_slates(world, day[popular], rng)),
    )
    page = np.full(len(at), NOTHING)
    page[searching] = searches.page
    attractions = attraction(world, user, slates, surface == _SEARCH, day)
    clicked = draw_clicks(attractions, slates, rng)
    shown = _impressions(slates, at, user, day, page, surface)
    clicks = shown.taken(clicked[slates.rows >= 0])
    clicks = clicks.changed("click", day=clicks.day + _SECOND * (2 + rng.gamma(2.0, 6.0, len(clicks))))
    progress.last_click[clicks.visit] = clicks.row
    progress.clock[at] += _SECOND * (15 + rng.gamma(2.0, 40.0, len(at)))
    return [searches, shown, clicks, *_on_item_page(world, clicks, rng)]


def _surfaces(last_click: Ints, rng: np.random.Generator) -> Ints:
    n = len(last_click)
    shelf = np.where((last_click >= 0) & (rng.random(n) < _SIMILAR_SHARE), _SIMILAR, _POPULAR)
    return np.where(rng.random(n) < _SEARCH_SHARE, _SEARCH, shelf)


def _ask(
    world: World, visits: Visits, at: Ints, progress: _Progress, typed: Typed, rng: np.random.Generator
) -> tuple[Ints, Happenings]:
    """The queries that are meant on these visits, and the searches for them as they are typed."""
    user, day = visits.user[at], progress.clock[at]
    needs = draw_needs(world, user, day, progress.last_need[at], rng)
    asked = draw_queries(world, user, needs, rng)
    text = type_queries(world, asked, typed, rng)
    page = progress.n_searches + np.arange(len(at))
    progress.n_searches += len(at)
    progress.last_need[at] = needs
    return asked, happened("search", day=day, user=user, visit=at, page=page, text=text, surface=_SEARCH)


def _gather(n_pages: int, *parts: tuple[Ints, Slates]) -> Slates:
    """The slates of all pages, each part at its positions."""
    rows = np.full((n_pages, SLATE_SIZE), NOTHING)
    grades = np.zeros((n_pages, SLATE_SIZE), np.int64)
    for positions, slates in parts:
        rows[positions], grades[positions] = slates.rows, slates.grades
    return Slates(rows, grades)


def _impressions(slates: Slates, at: Ints, user: Ints, day: Floats, page: Ints, surface: Ints) -> Happenings:
    """One for each item that is shown, page by page in the order of rank, a moment after the search."""
    pages, places = np.nonzero(slates.rows >= 0)
    return happened(
        "impression",
        day=day[pages] + 0.2 * _SECOND,
        user=user[pages],
        visit=at[pages],
        row=slates.rows[pages, places],
        page=page[pages],
        rank=places + 1,
        surface=surface[pages],
    )


def _on_item_page(world: World, clicks: Happenings, rng: np.random.Generator) -> list[Happenings]:
    """What follows a click: the view, and for some a favorite or a dislike, the cart, the purchase."""
    n = len(clicks)
    pleased = world.liking(clicks.user, clicks.row[:, None], clicks.day)[:, 0]
    views = clicks.changed("view", day=clicks.day + 0.5 * _SECOND, rank=np.full(n, NOTHING), surface=_all(_ITEM, n))
    favorites = _some(views, rng.random(n) < 0.10 * sigmoid(pleased), 10, rng).changed("favorite")
    dislikes = _some(views, rng.random(n) < 0.05 * sigmoid(-2 * pleased), 5, rng).changed("dislike")
    carts = _some(views, rng.random(n) < sigmoid(-2.8 + 0.9 * pleased), 25, rng)
    carts = carts.changed("cart", value=np.where(rng.random(len(carts)) < 0.08, 2.0, 1.0))
    purchases = _some(carts, rng.random(len(carts)) < 0.55, 150, rng).changed("purchase")
    return [views, favorites, dislikes, carts, purchases]


def _without_seconds(world: World, log: Happenings) -> Happenings:
    """The log without the purchases of what a user bought before and still has, as it is not used up."""
    is_used_up = np.array([leaf.consumable for leaf in world.leaves])[world.traits.leaf]
    purchases = np.flatnonzero((log.kind == EVENT_KINDS.index("purchase")) & ~is_used_up[log.row])
    purchases = purchases[np.argsort(log.day[purchases], kind="stable")]
    pairs = log.user[purchases] * len(world.items) + log.row[purchases]
    _, first = np.unique(pairs, return_index=True)
    kept = np.ones(len(log), np.bool_)
    kept[np.delete(purchases, first)] = False
    return log.taken(kept)


def _some(before: Happenings, chosen: NDArray[np.bool_], seconds: float, rng: np.random.Generator) -> Happenings:
    """The chosen ones, about so many seconds later."""
    kept = before.taken(chosen)
    later = kept.day + _SECOND * (2 + rng.gamma(2.0, seconds / 2, len(kept)))
    return replace(kept, day=later)


def _all(number: int, n: int) -> Ints:
    return np.full(n, number)
