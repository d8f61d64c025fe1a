from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def feed(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a feed."""

    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write


Feed = Callable[[str, str], Path]


def test_items_go_in_and_the_guessed_columns_are_shown(
    run_aisle: Callable[..., Any], empty_shop: Path, feeds: Path
) -> None:
    outcome = run_aisle("ingest", "items", feeds / "items.csv", "--shop", empty_shop)
    assert (outcome.status, outcome.out) == (0, "")
    assert "item_id = sku" in outcome.err
    assert "title = product_name" in outcome.err
    assert "12 items" in outcome.err


def test_json_says_how_many_went_in(run_aisle: Callable[..., Any], empty_shop: Path, feeds: Path) -> None:
    outcome = run_aisle("ingest", "items", feeds / "items.csv", "--shop", empty_shop, "--json")
    assert outcome.status == 0
    assert (outcome.document["n_read"], outcome.document["n_rejected"]) == (12, 0)
    assert outcome.document["quarantine"] is None


def test_several_files_are_one_ingest(run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed) -> None:
    one, two = feed("one.csv", "id,title\na,Lamp\n"), feed("two.jsonl", '{"id": "b", "title": "Chair"}\n')
    assert run_aisle("ingest", "items", one, two, "--shop", empty_shop, "--json").document["n_read"] == 2


def test_bad_rows_are_set_aside_and_the_summary_says_where(
    run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed
) -> None:
    rows = feed("items.csv", "id,title,price\na,Lamp,5\n,No id,6\nc,,7\nd,Chair,-1\n")
    outcome = run_aisle("ingest", "items", rows, "--shop", empty_shop, "--json")
    assert outcome.status == 0
    assert (outcome.document["n_read"], outcome.document["n_new"], outcome.document["n_rejected"]) == (4, 1, 3)
    quarantine = Path(outcome.document["quarantine"])
    assert str(quarantine) in outcome.err
    assert "3 set aside" in outcome.err
    kept = quarantine.read_text("utf-8")
    assert all(word in kept for word in ("No id", "Chair", "price"))


def test_a_feed_without_one_good_row_fails(run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed) -> None:
    rows = feed("items.csv", "id,title,price\na,Lamp,-5\n")
    outcome = run_aisle("ingest", "items", rows, "--shop", empty_shop, "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert "1 set aside" in outcome.err


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (("title",), "FIELD=COLUMN"),
        (("=name",), "FIELD=COLUMN"),
        (("titel=name",), 'did you mean "title"?'),
        (("title=nmae",), 'did you mean "name"?'),
        (("price=name", "title=name"), "same column"),
    ],
)
def test_a_wrong_mapping_is_a_wrong_call(
    run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed, pairs: tuple[str, ...], message: str
) -> None:
    rows = feed("items.csv", "id,name\na,Lamp\n")
    options = [word for pair in pairs for word in ("--map", pair)]
    outcome = run_aisle("ingest", "items", rows, "--shop", empty_shop, *options)
    assert (outcome.status, outcome.out) == (2, "")
    assert message in outcome.err


def test_prices_in_cents_are_read_by_mapping(run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed) -> None:
    rows = feed("items.csv", "id,title,price\na,Lamp,4995\n")
    assert run_aisle("ingest", "items", rows, "--shop", empty_shop, "--map", "price_cents=price").status == 0
    assert run_aisle("build", "--shop", empty_shop).status == 0
    answer = run_aisle("search", "lamp", "--shop", empty_shop, "--json").document
    assert answer["hits"][0]["item"]["price"] == 49.95


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("items.csv", "", "empty"),
        ("items.csv", "id,title\n", "no rows"),
        ("items.csv", '{"id": "a", "title": "Lamp"}\n', "JSON"),
        ("items.csv", "colour,size\nred,4\n", "item_id"),
        ("items.xml", "<html><body>Not found</body></html>", "web page"),
    ],
)
def test_a_file_that_is_no_feed_is_refused(  # the message says what it looks like
    run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed, name: str, text: str, message: str
) -> None:
    outcome = run_aisle("ingest", "items", feed(name, text), "--shop", empty_shop, "--json")
    assert (outcome.status, outcome.out) == (1, "")
    assert message in outcome.err


def test_a_missing_file_is_a_failure(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    outcome = run_aisle("ingest", "items", "nowhere.csv", "--shop", empty_shop)
    assert outcome.status == 1
    assert "nowhere.csv does not exist" in outcome.err


def test_events_that_come_again_are_not_counted_again(
    run_aisle: Callable[..., Any], empty_shop: Path, feeds: Path
) -> None:
    call = ("ingest", "events", feeds / "events.csv", "--shop", empty_shop, "--json")
    assert run_aisle(*call).document["n_new"] == 32
    assert run_aisle(*call).document["n_new"] == 0


def test_the_call_without_files_is_wrong(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    assert run_aisle("ingest", "items", "--shop", empty_shop).status == 2


def test_judgments_by_query_id_need_the_file_of_queries(
    run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed
) -> None:
    judgments = feed("judgments.csv", "query_id,item_id,grade\nq1,a,3\n")
    queries = feed("queries.csv", "query_id,query\nq1,lamp\n")
    call = ("ingest", "judgments", judgments, "--shop", empty_shop, "--json")
    assert run_aisle(*call).status == 1
    assert run_aisle(*call, "--queries", queries).document["n_new"] == 1


def test_the_mapping_of_the_settings_counts_too(run_aisle: Callable[..., Any], empty_shop: Path, feed: Feed) -> None:
    (empty_shop / "aisle.toml").write_text('[sources]\nitems = {title = "bezeichnung"}\n', "utf-8")
    rows = feed("items.csv", "id,bezeichnung\na,Lampe\n")
    outcome = run_aisle("ingest", "items", rows, "--shop", empty_shop, "--json")
    assert outcome.status == 0
    assert "title = bezeichnung" in outcome.err
