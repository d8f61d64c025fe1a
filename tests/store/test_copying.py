from pathlib import Path

import pytest

from aisle.store import copying, open_store
from aisle.testing.toy_shop import toy_events, toy_items, toy_judgments


def test_a_copy_holds_all_that_the_store_held(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "ROWS", 5)  # so that several parts are copied
    with open_store(store_url) as store:
        store.upsert_items(toy_items())
        store.delete_items(["s3"])
        store.append_events(toy_events())
        store.upsert_judgments(toy_judgments())
        store.copy(tmp_path / "copy.db")
        with open_store("sqlite:///copy.db", tmp_path) as copy:
            assert copy.counts() == store.counts()
            assert list(copy.items()) == list(store.items())
            assert copy.changes_since(0) == store.changes_since(0)
            assert copy.events_frame().equals(store.events_frame())
            assert copy.judgments_frame().equals(store.judgments_frame())


def test_a_copy_of_nothing_is_an_empty_store(store_url: str, tmp_path: Path) -> None:
    with open_store(store_url) as store:
        store.copy(tmp_path / "copy.db")
    with open_store("sqlite:///copy.db", tmp_path) as copy:
        assert copy.counts().n_items == 0
        assert copy.upsert_items(toy_items()) == 12
