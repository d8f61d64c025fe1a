from collections.abc import Callable
from pathlib import Path
from typing import Any

MEASURES = {"nDCG@10", "nDCG(judged_only=True)@10", "R(rel=2)@100", "RR(rel=2)@10"}


def test_the_report_has_the_promised_form(run_aisle: Callable[..., Any], built_shop: Path, feeds: Path) -> None:
    outcome = run_aisle("evaluate", "search", "--shop", built_shop, "--judgments", feeds / "judgments.csv", "--json")
    assert outcome.status == 0
    assert set(outcome.document) == {"n_queries", "metrics", "latency_ms"}
    assert outcome.document["n_queries"] == 3
    assert set(outcome.document["metrics"]) == MEASURES
    assert set(outcome.document["latency_ms"]) == {"p50", "p99"}
    # Twelve items in all, so that every relevant one is among the first hundred.
    assert outcome.document["metrics"]["R(rel=2)@100"] == 1.0


def test_judgments_of_the_store_count_when_no_file_is_named(
    run_aisle: Callable[..., Any], built_shop: Path, feeds: Path
) -> None:
    from_store = run_aisle("evaluate", "search", "--shop", built_shop, "--json").document
    file = feeds / "judgments.csv"
    from_file = run_aisle("evaluate", "search", "--shop", built_shop, "--judgments", file, "--json").document
    assert from_store["metrics"] == from_file["metrics"]


def test_qrels_with_query_texts_are_judgments(run_aisle: Callable[..., Any], built_shop: Path, tmp_path: Path) -> None:
    (tmp_path / "toy.qrels").write_text("usb c cable 0 e1 3\nusb c cable 0 e2 3\ncoffee 0 k1 2\n")
    outcome = run_aisle("evaluate", "search", "--shop", built_shop, "--judgments", tmp_path / "toy.qrels", "--json")
    assert outcome.document["n_queries"] == 2


def test_query_texts_are_looked_up_in_a_file_of_queries(
    run_aisle: Callable[..., Any], built_shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "judgments.csv").write_text("query_id,item_id,grade\nq1,e1,3\nq2,k1,2\n")
    (tmp_path / "queries.csv").write_text("query_id,query\nq1,usb c cable\nq2,coffee\n")
    call = ("evaluate", "search", "--shop", built_shop, "--judgments", tmp_path / "judgments.csv", "--json")
    assert run_aisle(*call, "--queries", tmp_path / "queries.csv").document["n_queries"] == 2
    without = run_aisle(*call)
    assert without.status == 1
    assert "no text of the queries" in without.err


def test_a_person_sees_a_table(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("evaluate", "search", "--shop", built_shop)
    assert outcome.status == 0
    assert all(measure in outcome.out for measure in MEASURES)
    assert "3 queries" in outcome.out


def test_a_shop_without_judgments_says_what_to_do(run_aisle: Callable[..., Any], empty_shop: Path) -> None:
    outcome = run_aisle("evaluate", "search", "--shop", empty_shop)
    assert outcome.status == 1
    assert "aisle ingest judgments" in outcome.err


def test_queries_without_judgments_are_a_wrong_call(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    outcome = run_aisle("evaluate", "search", "--shop", built_shop, "--queries", "queries.csv")
    assert outcome.status == 2
    assert "--judgments" in outcome.err
