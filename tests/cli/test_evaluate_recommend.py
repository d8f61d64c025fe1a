from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
N_USERS = 40


def visits(first_user: int, n_users: int, length: int = 6) -> str:
    """Users who walk around a circle of twenty items, as lines of CSV; the timestamp counts places."""
    steps = [
        (user, (user * 7 + place) % 20, place + 1)
        for user in range(first_user, first_user + n_users)
        for place in range(length)
    ]
    return "user_id,item_id,timestamp\n" + "".join(f"{user},{item},{time}\n" for user, item, time in steps)


@pytest.fixture(scope="module")
def bare_feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("feeds") / "events.csv"
    path.write_text(visits(0, N_USERS))
    return path


@pytest.fixture
def bare_shop(empty_shop: Path, bare_feed: Path, run_aisle: Run) -> Path:
    """A shop made from a file of events alone, without any catalogue."""
    assert run_aisle("ingest", "events", bare_feed, "--shop", empty_shop).status == 0
    return empty_shop


def evaluate(run_aisle: Run, shop: Path, *options: object, models: str = "markov,blend") -> Any:
    return run_aisle("evaluate", "recommend", "--shop", shop, "--models", models, "--minutes", "0.001", *options)


def test_a_shop_made_from_a_bare_file_is_evaluated(run_aisle: Run, bare_shop: Path) -> None:
    outcome = evaluate(run_aisle, bare_shop, "--json")
    assert outcome.status == 0, outcome.err
    report = outcome.document
    assert report["n_users"] == N_USERS
    assert set(report["models"]) == {"random", "popularity", "markov", "blend"}
    promised = {"HR@10", "NDCG@10", "Recall@20", "NDCG@20", "MRR@20", "coverage@10"}
    assert all(promised <= set(values) for values in report["models"].values())
    assert set(report["fit_s"]) == set(report["latency_ms"]) == set(report["models"])
    # Each user's next item is certain from the others.
    assert report["models"]["markov"]["NDCG@10"] > 0.9
    assert report["protocol"]["n_items"] == 20


def test_a_person_sees_a_table_and_what_the_blend_is_made_of(run_aisle: Run, bare_shop: Path) -> None:
    outcome = evaluate(run_aisle, bare_shop, "--refit")
    assert outcome.status == 0, outcome.err
    for word in ("leave-one-out", "NDCG@10", "markov", "popularity", "Learned from training and validation together"):
        assert word in outcome.out
    assert "The blend is" in outcome.err


def test_sessions_of_a_given_test_are_predicted_event_by_event(run_aisle: Run, bare_shop: Path, tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(visits(100, 5))
    outcome = evaluate(run_aisle, bare_shop, "--protocol", "given-test", "--test", tmp_path / "test.csv", "--json")
    assert outcome.status == 0, outcome.err
    report = outcome.document
    assert (report["n_users"], report["n_questions"]) == (5, 25)
    assert report["protocol"]["seen"] == "keep"
    assert report["models"]["markov"]["MRR@20"] > 0.9


def test_known_users_of_a_given_test_are_asked_for_all_their_items(
    run_aisle: Run, bare_shop: Path, tmp_path: Path
) -> None:
    (tmp_path / "test.csv").write_text("user_id,item_id,timestamp\n0,6,1\n0,7,1\n1,13,1\n1,new,1\n")
    outcome = evaluate(run_aisle, bare_shop, "--protocol", "given-test", "--test", tmp_path / "test.csv", "--json")
    assert outcome.status == 0, outcome.err
    assert outcome.document["n_users"] == 2
    # The item that training never saw is one of the catalogue, and a miss.
    assert outcome.document["protocol"]["n_items"] == 21
    assert outcome.document["models"]["markov"]["Recall@20"] <= 0.75


@pytest.mark.parametrize("protocol", ["time-split", "cross-validation"])
def test_other_protocols_run_too(run_aisle: Run, empty_shop: Path, tmp_path: Path, protocol: str) -> None:
    # All users take their first step before anybody takes the second.
    steps = [(user, (user * 7 + place) % 20) for place in range(6) for user in range(N_USERS)]
    lines = [f"{user},{item},{1_700_000_000 + 60 * second}" for second, (user, item) in enumerate(steps)]
    (tmp_path / "clocked.csv").write_text("\n".join(["user_id,item_id,timestamp", *lines]))
    assert run_aisle("ingest", "events", tmp_path / "clocked.csv", "--shop", empty_shop).status == 0
    outcome = evaluate(run_aisle, empty_shop, "--protocol", protocol, "--folds", "2", "--json", models="markov")
    assert outcome.status == 0, outcome.err
    assert outcome.document["protocol"]["name"] == protocol
    assert outcome.document["models"]["markov"]["NDCG@10"] > 0.9


WRONG = [
    (("--protocol", "leave-onout"), 'did you mean "leave-one-out"'),
    (("--models", "markow"), 'did you mean "markov"'),
    (("--protocol", "given-test"), "--test FILE"),
    (("--test", "test.csv"), "use the protocol given-test"),
    (("--minutes", "0"), "--minutes 0"),
    (("--minutes", "nan"), "--minutes nan"),
    (("--seen", "hide"), "expected mask"),
]


@pytest.mark.parametrize(("options", "reason"), WRONG, ids=lambda part: str(part))
def test_wrong_calls_say_what_is_right(run_aisle: Run, empty_shop: Path, options: Sequence[str], reason: str) -> None:
    outcome = run_aisle("evaluate", "recommend", "--shop", empty_shop, *options)
    assert outcome.status == 2
    assert reason in " ".join(outcome.err.split())


def test_a_shop_without_events_says_what_to_do(run_aisle: Run, empty_shop: Path) -> None:
    for command in (("evaluate", "recommend"), ("tune",)):
        outcome = run_aisle(*command, "--shop", empty_shop)
        assert outcome.status == 1
        assert "aisle ingest events FILE" in outcome.err


def test_too_few_users_and_unreadable_tests_are_failures(run_aisle: Run, empty_shop: Path, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("user_id,item_id,timestamp\na,1,1\na,2,2\n")
    assert run_aisle("ingest", "events", tmp_path / "few.csv", "--shop", empty_shop).status == 0
    outcome = evaluate(run_aisle, empty_shop)
    assert (outcome.status, "2 events of 1 users" in outcome.err) == (1, True)
    outcome = evaluate(run_aisle, empty_shop, "--protocol", "given-test", "--test", tmp_path / "nowhere.csv")
    assert (outcome.status, "does not exist" in outcome.err) == (1, True)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    outcome = evaluate(run_aisle, empty_shop, "--protocol", "given-test", "--test", tmp_path / "other.csv")
    assert (outcome.status, "timestamp" in outcome.err) == (1, True)


def test_tuning_keeps_what_it_found_for_the_next_build(run_aisle: Run, bare_shop: Path) -> None:
    outcome = run_aisle("tune", "--shop", bare_shop, "--models", "item_knn,markov", "--minutes", "0.01", "--json")
    assert outcome.status == 0, outcome.err
    assert set(outcome.document["models"]) == {"random", "popularity", "item_knn", "markov"}
    assert (bare_shop / "tuned.json").exists()
    trials = outcome.document["models"]["markov"]["trials"]
    again = run_aisle("tune", "--shop", bare_shop, "--models", "markov", "--minutes", "0.01")
    assert again.status == 0
    assert "Kept in" in again.err
    assert "window" in again.out
    assert trials >= 1


def test_tuning_on_folds_or_on_a_test_is_refused(run_aisle: Run, bare_shop: Path) -> None:
    outcome = run_aisle("tune", "--shop", bare_shop, "--protocol", "cross-validation")
    assert outcome.status == 1
    assert "use leave-one-out or time-split" in outcome.err
    assert run_aisle("tune", "--shop", bare_shop, "--protocol", "given-test").status == 2
