"""What every store must do, as tests: subclass StoreConformance and give it a fixture `open_store`."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from aisle.errors import InputError
from aisle.store import Changes, Counts, Store
from aisle.types import Event, EventKind, Item, Judgment, Translation

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
MUG = Item("mug", "Blue mug")
LAMP = Item(
    item_id="lamp-ü/1 灯",
    title='Desk lamp "Ångström"',
    description="Two lines:\n\tthe second.",
    brand="Lumière",
    category=("Home", "Lighting", "Desk lamps"),
    price=19.95,
    currency="EUR",
    stock=0,
    rating=0.1 + 0.2,
    rating_count=2**53,
    url="https://shop.example/lamp?a=1&b=2",
    image_url="https://shop.example/lamp.webp",
    gtin="4006381333931",
    group_id="lamps",
    released_at=datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    attributes={"watts": 7.0, "dimmable": True, "bulbs": 1, "colours": ("red", "green"), "": "", "no": ()},
    translations={"zh": Translation("台灯", "说明", ("家居", "照明"), {"colours": ("红", "绿")}), "de": Translation()},
)


def event(number: int, kind: EventKind = "click", user_id: str = "ann", *, minute: int | None = None) -> Event:
    """The event number `number`, at that minute after noon unless another is given."""
    time = NOON + timedelta(minutes=number if minute is None else minute)
    if kind == "search":
        return Event(f"e{number}", kind, time, user_id, query="lamp")
    return Event(f"e{number}", kind, time, user_id, item_id=f"i{number}")


class StoreConformance:
    """Every test takes the fixture `open_store`: a function that opens the one store of the test, anew at each call."""

    @pytest.fixture
    def store(self, open_store: Callable[[], Store]) -> Iterator[Store]:
        """The store of the test, opened."""
        with open_store() as store:
            yield store

    def test_items_come_back_equal_in_every_field(self, store: Store) -> None:
        assert store.upsert_items([LAMP, MUG]) == 2
        assert store.item(LAMP.item_id) == LAMP
        assert list(store.items()) == [LAMP, MUG]
        assert repr(store.item(LAMP.item_id)) == repr(LAMP)

    def test_unknown_item_is_none(self, store: Store) -> None:
        assert store.item("nothing") is None

    def test_items_are_ordered_by_the_code_points_of_their_ids(self, store: Store) -> None:
        ids = ["a", "B", "b", "A", "10", "9", "é", "z", "灯", "_", " x", "𝔘"]
        store.upsert_items(Item(item_id, "Title") for item_id in ids)
        assert store.item_ids() == sorted(ids)
        assert [item.item_id for item in store.items()] == sorted(ids)
        assert store.items_frame()["item_id"].to_list() == sorted(ids)

    def test_many_items_are_read_page_by_page(self, store: Store) -> None:
        ids = [f"{number:05}" for number in range(2_000)]
        assert store.upsert_items(Item(item_id, "Title") for item_id in ids) == 2_000
        assert [item.item_id for item in store.items()] == ids

    def test_the_later_of_two_items_with_one_id_wins(self, store: Store) -> None:
        assert store.upsert_items([MUG, Item("mug", "Red mug")]) == 1
        assert store.item("mug") == Item("mug", "Red mug")
        assert store.upsert_items([Item("mug", "Green mug")]) == 1
        assert store.item("mug") == Item("mug", "Green mug")

    def test_an_item_that_loses_a_value_loses_it_in_the_store(self, store: Store) -> None:
        store.upsert_items([LAMP])
        assert store.upsert_items([Item(LAMP.item_id, "Lamp")]) == 1
        assert store.item(LAMP.item_id) == Item(LAMP.item_id, "Lamp")

    def test_the_version_grows_with_changes_only(self, store: Store) -> None:
        assert store.version() == 0
        store.upsert_items([LAMP, MUG])
        first = store.version()
        assert first > 0
        assert store.upsert_items([LAMP, MUG]) == 0
        assert store.delete_items(["nothing"]) == 0
        assert store.version() == first
        assert store.upsert_items([LAMP, Item("mug", "Red mug")]) == 1
        assert store.version() > first

    def test_changes_are_the_items_that_changed_or_went(self, store: Store) -> None:
        store.upsert_items([LAMP, MUG])
        before = store.version()
        assert store.changes_since(before) == Changes(before, [], [])
        store.upsert_items([Item("mug", "Red mug"), Item("cup", "Cup")])
        assert store.delete_items([LAMP.item_id, "nothing", LAMP.item_id]) == 1
        changed = [Item("cup", "Cup"), Item("mug", "Red mug")]
        assert store.changes_since(before) == Changes(store.version(), changed, [LAMP.item_id])
        assert store.changes_since(0) == Changes(store.version(), changed, [LAMP.item_id])

    def test_an_item_that_comes_back_is_no_longer_deleted(self, store: Store) -> None:
        for _ in range(2):
            store.upsert_items([MUG])
            store.delete_items(["mug"])
        before = store.version()
        assert store.changes_since(0) == Changes(before, [], ["mug"])
        store.upsert_items([MUG])
        assert store.changes_since(before) == Changes(store.version(), [MUG], [])

    def test_items_as_a_frame(self, store: Store) -> None:
        store.upsert_items([LAMP, MUG])
        lamp, mug = store.items_frame().rows(named=True)
        assert lamp["category"] == ["Home", "Lighting", "Desk lamps"]
        assert (lamp["price"], lamp["stock"], lamp["released_at"]) == (19.95, 0, LAMP.released_at)
        assert lamp["attributes"] == ('{"watts":7.0,"dimmable":true,"bulbs":1,"colours":["red","green"],"":"","no":[]}')
        assert (mug["title"], mug["brand"], mug["category"], mug["price"]) == ("Blue mug", "", [], None)

    def test_events_count_once_each(self, store: Store) -> None:
        assert store.append_events([event(1), event(2)]) == 2
        assert store.append_events([event(2), event(3), event(3)]) == 1
        assert store.append_events([event(1)]) == 0
        assert store.append_events([]) == 0
        assert store.events_frame()["event_id"].to_list() == ["e1", "e2", "e3"]

    def test_the_first_event_with_an_id_stays(self, store: Store) -> None:
        store.append_events([event(1, "click")])
        store.append_events([event(1, "purchase")])
        assert store.events_frame()["kind"].to_list() == ["click"]

    def test_events_come_back_equal_in_every_field(self, store: Store) -> None:
        full = Event(
            event_id="e-ü/灯",
            kind="rate",
            timestamp=datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC),
            user_id="ann ü",
            session_id="s",
            item_id=LAMP.item_id,
            query='lamp "灯"',
            query_id="q",
            rank=3,
            value=4.5,
            surface="search",
        )
        store.append_events([full])
        assert store.user_events("ann ü") == [full]
        (row,) = store.events_frame().rows(named=True)
        assert Event(**row) == full

    def test_a_users_events_are_newest_first(self, store: Store) -> None:
        events = [event(1), event(3), event(2), event(4, minute=3), event(5, "search"), event(6, user_id="bob")]
        store.append_events(events)
        assert [found.event_id for found in store.user_events("ann")] == ["e4", "e3", "e2", "e1"]
        assert [found.event_id for found in store.user_events("ann", limit=2)] == ["e4", "e3"]

    def test_an_unknown_user_has_no_events(self, store: Store) -> None:
        store.append_events([event(1, user_id="")])
        assert store.user_events("nobody") == []
        assert store.user_events("") == []

    def test_a_strangers_session_has_its_own_events(self, store: Store) -> None:
        mine = [replace(event(number, user_id=""), session_id="s1") for number in (1, 2)]
        elsewhere = [replace(event(3, user_id=""), session_id="s2"), event(4, user_id="")]
        store.append_events([*mine, *elsewhere, replace(event(5), session_id="s1")])
        assert [found.event_id for found in store.session_events("s1")] == ["e2", "e1"]
        assert store.session_events("nowhere") == []
        assert store.session_events("") == []

    def test_no_events_cannot_be_asked_for(self, store: Store) -> None:
        with pytest.raises(InputError, match="limit=0; expected at least 1"):
            store.user_events("ann", limit=0)

    def test_events_are_ordered_by_time_then_arrival(self, store: Store) -> None:
        store.append_events([event(3), event(1)])
        store.append_events([event(2, minute=3), event(0)])
        assert store.events_frame()["event_id"].to_list() == ["e0", "e1", "e3", "e2"]

    def test_events_are_chosen_by_kind_and_time(self, store: Store) -> None:
        store.append_events([event(1, "click"), event(2, "cart"), event(3, "purchase"), event(4, "cart")])
        late = NOON + timedelta(minutes=3)
        assert store.events_frame(["cart", "click"])["event_id"].to_list() == ["e1", "e2", "e4"]
        assert store.events_frame(since=late)["event_id"].to_list() == ["e3", "e4"]
        assert store.events_frame(["cart"], late)["event_id"].to_list() == ["e4"]
        assert store.events_frame([]).is_empty()

    def test_unknown_kind_names_the_nearest(self, store: Store) -> None:
        with pytest.raises(InputError, match=r'did you mean "click"\?'):
            store.events_frame(["clik"])  # type: ignore[list-item]

    def test_a_time_without_offset_is_refused(self, store: Store) -> None:
        with pytest.raises(InputError, match="not in UTC"):
            store.events_frame(since=datetime(2026, 1, 1))

    def test_frames_have_the_same_columns_when_empty(self, store: Store) -> None:
        empty = [store.items_frame().schema, store.events_frame().schema, store.judgments_frame().schema]
        store.upsert_items([LAMP])
        store.append_events([event(1)])
        store.upsert_judgments([Judgment("lamp", "mug", 0)])
        filled = [store.items_frame().schema, store.events_frame().schema, store.judgments_frame().schema]
        assert empty == filled
        assert filled[1]["timestamp"] == pl.Datetime("us", "UTC")
        assert filled[0]["category"] == pl.List(pl.String)

    def test_the_last_judgment_of_a_pair_wins(self, store: Store) -> None:
        long = "lamp " * 199
        assert store.upsert_judgments([Judgment("lamp", "mug", 0), Judgment(long, "灯" * 512, 3)]) == 2
        assert store.upsert_judgments([Judgment("lamp", "mug", 0)]) == 0
        assert store.upsert_judgments([Judgment("lamp", "mug", 1), Judgment("lamp", "mug", 2)]) == 1
        assert store.judgments_frame().rows() == [("lamp", "mug", 2), (long, "灯" * 512, 3)]

    def test_counts_of_everything(self, store: Store) -> None:
        assert store.counts() == Counts(0, 0, 0, 0)
        store.upsert_items([LAMP, MUG])
        store.append_events([event(1), event(2), event(3, user_id="bob"), event(4, user_id="")])
        store.upsert_judgments([Judgment("lamp", "mug", 0)])
        assert store.counts() == Counts(n_items=2, n_events=4, n_users=2, n_judgments=1)

    def test_everything_is_there_after_reopening(self, open_store: Callable[[], Store]) -> None:
        with open_store() as store:
            store.upsert_items([LAMP])
            store.append_events([event(1)])
        with open_store() as store:
            assert list(store.items()) == [LAMP]
            assert store.user_events("ann") == [event(1)]

    def test_two_openings_see_what_the_other_writes(self, open_store: Callable[[], Store]) -> None:
        with open_store() as one, open_store() as other:
            one.upsert_items([MUG])
            before = other.version()
            assert other.item("mug") == MUG
            other.delete_items(["mug"])
            assert one.changes_since(before).deleted == ["mug"]

    def test_threads_that_append_together_each_hear_their_own_count(self, store: Store) -> None:
        # Thread t writes the events 100t to 100t+149: each shares a third of them with the next.
        def append(thread: int) -> int:
            numbers = range(100 * thread, 100 * thread + 150)
            return sum(
                store.append_events([event(n) for n in numbers[start : start + 10]]) for start in range(0, 150, 10)
            )

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(append, range(8))) == 850
        assert store.counts().n_events == 850

    def test_openings_that_write_at_once_lose_nothing(self, open_store: Callable[[], Store]) -> None:
        def write(writer: int) -> int:
            with open_store() as store:
                n_new = 0
                for step in range(20):
                    n_new += store.append_events([event(1_000 * writer + step), event(900_000 + step)])
                    store.upsert_items([Item(f"i{writer}-{step}", "Title"), Item("shared", f"Title {writer} {step}")])
                return n_new

        with ThreadPoolExecutor(4) as threads:
            n_new = list(threads.map(write, range(4)))
        with open_store() as store:
            counts = store.counts()
            assert (sum(n_new), counts.n_events, counts.n_items) == (100, 100, 81)
            assert store.version() == 80
