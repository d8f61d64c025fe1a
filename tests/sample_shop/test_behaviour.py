import numpy as np
import polars as pl
import pytest

from aisle.sample_shop import SampleShop, to_events
from aisle.types import EVENT_KINDS

_COME_FROM_A_SEARCH = ("search", "impression", "click", "view", "cart", "purchase", "favorite", "dislike")


def _rows(shop: SampleShop, kinds: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of users and of items, and the days, of the events of these kinds."""
    events = shop.events.filter(pl.col("kind").is_in(kinds)).sort("timestamp")
    item_row = {item_id: row for row, item_id in enumerate(shop.truth.item_ids)}
    user_row = {user_id: row for row, user_id in enumerate(shop.truth.user_ids)}
    start = shop.events["timestamp"].dt.truncate("1d").min()
    day = (events["timestamp"] - start).dt.total_seconds().to_numpy() / 86_400
    users = np.array([user_row[user_id] for user_id in events["user_id"]])
    return users, np.array([item_row[item_id] for item_id in events["item_id"]]), day


def test_every_kind_of_event_happens_and_every_user_comes(small_shop: SampleShop) -> None:
    counts = dict(small_shop.events["kind"].value_counts().iter_rows())
    assert set(counts) == set(EVENT_KINDS) - {"return"}
    assert counts["impression"] > counts["click"] > counts["cart"] > counts["purchase"] > counts["rate"]
    assert small_shop.events["user_id"].n_unique() == 400


def test_events_are_valid_and_their_ids_unique(small_shop: SampleShop) -> None:
    assert small_shop.events["event_id"].n_unique() == small_shop.events.height
    sample = small_shop.events.gather_every(17)
    assert len(list(to_events(sample))) == sample.height
    assert small_shop.events["timestamp"].is_sorted()


def test_events_lie_in_the_window_and_after_the_release_of_their_item(small_shop: SampleShop) -> None:
    first, last = small_shop.events["timestamp"].min(), small_shop.events["timestamp"].max()
    assert str(first) >= "2026-05-01" and str(last) < "2026-06-30"
    _, items, day = _rows(small_shop, ["impression", "view", "purchase"])
    assert (small_shop.truth.traits.released_day[items] <= day + 1e-6).all()


def test_search_comes_before_what_it_led_to(small_shop: SampleShop) -> None:
    tied = small_shop.events.filter(pl.col("query_id") != "")
    assert set(tied["kind"].unique()) <= set(_COME_FROM_A_SEARCH)
    first = tied.group_by("query_id", maintain_order=True).first()
    assert (first["kind"] == "search").all()
    assert tied.group_by("query_id").agg(pl.col("user_id", "session_id").n_unique()).max().row(0)[1:] == (1, 1)


def test_every_click_was_shown_at_its_rank(small_shop: SampleShop) -> None:
    place = ["query_id", "item_id", "rank"]
    events = small_shop.events.filter(pl.col("query_id") != "")
    clicks = events.filter(pl.col("kind") == "click")
    shown = events.filter(pl.col("kind") == "impression")
    assert clicks.join(shown, on=place, how="anti").is_empty()
    assert shown["rank"].is_between(1, 8).all()


def test_slate_shows_an_item_once_at_ranks_without_gaps(small_shop: SampleShop) -> None:
    shown = small_shop.events.filter((pl.col("kind") == "impression") & (pl.col("query_id") != ""))
    slates = shown.group_by("query_id").agg(
        n=pl.len(), items=pl.col("item_id").n_unique(), ranks=pl.col("rank").n_unique(), last=pl.col("rank").max()
    )
    assert (slates["n"] == slates["items"]).all()
    assert (slates["n"] == slates["ranks"]).all() and (slates["n"] == slates["last"]).all()


def test_click_through_of_the_shuffled_shelf_falls_as_the_propensities(small_shop: SampleShop) -> None:
    shelf = small_shop.events.filter(pl.col("surface") == "popular")
    by_rank = [shelf.filter(pl.col("rank") == rank)["kind"] for rank in range(1, 9)]
    clicks = np.array([(kinds == "click").sum() for kinds in by_rank])
    shown = np.array([(kinds == "impression").sum() for kinds in by_rank])
    expected = small_shop.truth.propensities * clicks.sum() / (small_shop.truth.propensities * shown).sum()
    # 3.5 standard errors of a share, by rank
    assert (np.abs(clicks / shown - expected) < 3.5 * np.sqrt(expected * (1 - expected) / shown)).all()


def test_items_that_are_liked_are_clicked_more(small_shop: SampleShop) -> None:
    shown = _rows(small_shop, ["impression"])
    clicked = _rows(small_shop, ["click"])
    likings = [small_shop.truth.liking(users, items[:, None], day).mean() for users, items, day in (shown, clicked)]
    assert likings[1] > likings[0] + 0.3


@pytest.mark.parametrize("kinds", [["purchase"], ["cart"], ["favorite"]])
def test_users_buy_within_their_taste(small_shop: SampleShop, kinds: list[str]) -> None:
    truth = small_shop.truth
    users, items, day = _rows(small_shop, kinds)
    taste = truth.tastes.category_at(users, day / truth.days)[np.arange(len(users)), truth.traits.leaf[items]]
    strangers = truth.tastes.category_at((users + 1) % 400, day / truth.days)
    assert taste.mean() > 2 * strangers[np.arange(len(users)), truth.traits.leaf[items]].mean()


def test_cameras_are_bought_with_memory_cards(small_shop: SampleShop) -> None:
    bought = small_shop.events.filter(pl.col("kind") == "purchase")
    leaf = {item.item_id: item.category[-1] for item in small_shop.items}
    visits = bought.with_columns(leaf=pl.col("item_id").replace_strict(leaf)).group_by("session_id").agg("leaf")
    with_camera = [leaves for leaves in visits["leaf"].to_list() if "Cameras" in leaves]
    without = [leaves for leaves in visits["leaf"].to_list() if "Cameras" not in leaves]
    shares = [np.mean(["Memory Cards" in leaves for leaves in visits]) for visits in (with_camera, without)]
    assert shares[0] > 0.2 > 2 * shares[1]


def test_evenings_and_weekends_are_busier(small_shop: SampleShop) -> None:
    searches = small_shop.events.filter(pl.col("kind") == "search")["timestamp"]
    hours = searches.dt.hour()
    weekend = searches.dt.weekday() >= 6
    assert hours.is_between(19, 21).sum() > 3 * hours.is_between(2, 4).sum()
    assert weekend.sum() / 2 > (~weekend).sum() / 5


def test_chinese_readers_search_in_chinese(small_shop: SampleShop) -> None:
    truth = small_shop.truth
    reads = dict(zip(truth.user_ids, truth.tastes.reads_chinese.tolist(), strict=True))
    searches = small_shop.events.filter((pl.col("kind") == "search") & pl.col("query").is_in(truth.queries["en"]))
    assert not any(reads[user_id] for user_id in searches["user_id"].unique())


def test_consumables_are_bought_again(small_shop: SampleShop) -> None:
    bought = small_shop.events.filter(pl.col("kind") == "purchase")
    again = bought.group_by("user_id", "item_id").agg(days=pl.col("timestamp").dt.date().n_unique())
    repeated = again.filter(pl.col("days") > 1)["item_id"]
    leaf = {item.item_id: item.category[-1] for item in small_shop.items}
    consumable = {"Coffee Beans", "Shampoos", "Face Creams", "Socks", "Inks", "Notebooks", "Light Bulbs"}
    assert np.mean([leaf[item_id] in consumable for item_id in repeated]) > 0.8
