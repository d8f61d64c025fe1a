from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from aisle.errors import StoreError
from aisle.serving import create_app
from aisle.serving.schemas import EventsAnswer
from aisle.shop import Shop
from aisle.store.database import SQLITE_PRAGMAS

VIEW = {"kind": "view", "item_id": "e1", "user_id": "fay"}


def report(client: TestClient, body: Any) -> dict[str, Any]:
    answer = client.post("/v1/events", json=body)
    assert answer.status_code == 202, answer.text
    EventsAnswer.model_validate_json(answer.content)
    counts: dict[str, Any] = answer.json()
    return counts


def refused(client: TestClient, body: Any) -> dict[str, Any]:
    answer = client.post("/v1/events", json=body)
    assert answer.status_code == 422, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def reasons(counts: dict[str, Any]) -> dict[int, str]:
    return {rejected["index"]: rejected["reason"] for rejected in counts["rejected"]}


def test_one_event_is_kept_with_an_id_and_a_time(client: TestClient, shop: Shop) -> None:
    before = datetime.now(UTC)
    assert report(client, VIEW) == {"n_accepted": 1, "n_new": 1, "rejected": []}
    (event,) = shop.store.user_events("fay")
    assert (event.kind, event.item_id) == ("view", "e1")
    assert event.event_id
    assert before - timedelta(seconds=1) <= event.timestamp <= datetime.now(UTC)


def test_a_batch_is_kept(client: TestClient, shop: Shop) -> None:
    batch = {"events": [{**VIEW, "item_id": item_id} for item_id in ("e1", "e2", "e3")]}
    assert report(client, batch) == {"n_accepted": 3, "n_new": 3, "rejected": []}
    assert len(shop.store.user_events("fay")) == 3


def test_an_event_sent_twice_is_kept_once(client: TestClient, shop: Shop) -> None:
    named = {**VIEW, "event_id": "view-1"}
    assert report(client, named)["n_new"] == 1
    assert report(client, {"events": [named, {**VIEW, "event_id": "view-2"}]})["n_new"] == 1
    assert len(shop.store.user_events("fay")) == 2


def test_good_events_are_kept_and_bad_ones_reported_by_position(client: TestClient, shop: Shop) -> None:
    far = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    counts = report(
        client,
        {
            "events": [
                VIEW,
                {**VIEW, "kind": "vew"},
                {**VIEW, "itm": "e1"},
                {"kind": "view"},
                {**VIEW, "timestamp": far},
                {**VIEW, "timestamp": "yesterday"},
                {**VIEW, "rank": 0},
                5,
                {**VIEW, "item_id": "e2"},
            ]
        },
    )
    assert (counts["n_accepted"], counts["n_new"]) == (2, 2)
    why = reasons(counts)
    assert list(why) == [1, 2, 3, 4, 5, 6, 7]
    assert why[1] == "kind='vew' is not an event kind; did you mean \"view\"?"
    assert why[2] == 'unknown field "itm" of event; did you mean "item_id"?'
    assert "item_id" in why[3]
    assert "more than a day ahead" in why[4]
    assert "timestamp='yesterday' is not a time" in why[5]
    assert why[6].startswith("rank=0; expected a finite number")
    assert why[7] == "event is 5; expected an object with fields"
    assert len(shop.store.user_events("fay")) == 2


def test_a_batch_without_a_good_event_is_refused(client: TestClient) -> None:
    error = refused(client, {"events": [{"kind": "look"}, {"kind": "gaze"}]})
    assert error["code"] == "invalid_events"
    assert error["message"].startswith("no event of the batch can be kept; the first: kind='look'")
    assert [rejected["index"] for rejected in error["rejected"]] == [0, 1]


def test_one_bad_event_is_refused_with_its_reason(client: TestClient) -> None:
    error = refused(client, {"kind": "view", "item": "e1"})
    assert error["message"] == 'unknown field "item" of event; did you mean "item_id"?'


def test_an_empty_batch_keeps_nothing(client: TestClient) -> None:
    assert report(client, {"events": []}) == {"n_accepted": 0, "n_new": 0, "rejected": []}


def test_a_batch_has_a_limit(shop_with: Callable[..., Shop]) -> None:
    client = TestClient(create_app(shop_with(max_batch_events=2)))
    assert report(client, {"events": [VIEW, VIEW]})["n_accepted"] == 2
    error = refused(client, {"events": [VIEW, VIEW, VIEW]})
    assert error["code"] == "too_many_events"
    assert error["message"] == "events holds 3 events; at most 2 are allowed in one request; send several"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"events": 5}, "events='5'; expected a list of events"),
        ({"events": [], "user_id": "ann"}, 'unknown field "user_id" beside "events"; put it inside each event'),
    ],
)
def test_a_malformed_batch_is_refused(client: TestClient, body: Any, message: str) -> None:
    assert refused(client, body)["message"].startswith(message)


def test_events_of_a_shop_without_a_release_are_kept(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with(built=False)
    assert report(TestClient(create_app(shop)), VIEW)["n_new"] == 1


def test_a_full_disk_acknowledges_nothing(shop_with: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SQLITE_PRAGMAS, "max_page_count", "1")  # SQLite then lets its file grow no more
    shop = shop_with()
    before = shop.store.counts().n_events
    answer = TestClient(create_app(shop)).post("/v1/events", json={"events": [VIEW] * 1_000})
    assert answer.status_code == 507
    error = answer.json()["error"]
    assert error["code"] == "store_full"
    assert "the disk is full; free some space" in error["message"]
    assert shop.store.counts().n_events == before


def test_events_that_the_store_cannot_write_are_not_acknowledged(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise StoreError("the store refused: another process has kept it locked for too long")

    monkeypatch.setattr(type(shop.store), "append_events", refuse)
    answer = client.post("/v1/events", json=VIEW)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "store_unavailable"
