"""The log of activations: one entry at a time, each decided once, by whoever is first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aisle.errors import InputError, ReleaseError
from aisle.releases import Expected, Objects, parse_expected
from aisle.releases.activations import KEPT, Activations, State
from aisle.settings import ReleaseSettings

NOBODY = Expected()


@pytest.fixture
def objects(settings: ReleaseSettings) -> Objects:
    return Objects(settings)


@pytest.fixture
def log(objects: Objects) -> Activations:
    return Activations(objects)


def test_an_entry_is_open_until_it_is_decided(log: Activations) -> None:
    assert log.read() == State(0, None, None)
    first = log.propose("r1", (), NOBODY, 60)
    assert log.read() == State(1, None, first)
    assert log.decide(first, commit=True)
    assert log.read() == State(1, first, None)
    second = log.propose("r2", ("r1",), Expected(2), 60)
    assert log.read() == State(2, first, second)
    assert not log.decide(second, commit=False)
    assert log.read() == State(2, first, None), "what was aborted changes nothing"


def test_a_decision_stands(log: Activations, objects: Objects) -> None:
    proposal = log.propose("r1", (), NOBODY, 60)
    assert not log.decide(proposal, commit=False, reason="late")
    assert not Activations(objects).decide(proposal, commit=True), "somebody else has decided"
    assert log.read().committed is None


def test_a_second_proposal_waits_for_the_first(log: Activations) -> None:
    log.propose("r1", (), NOBODY, 60)
    with pytest.raises(ReleaseError, match=r"release r1 is being activated until .* UTC; wait"):
        log.propose("r2", (), NOBODY, 60)


def test_what_a_lost_coordinator_left_is_aborted_after_its_deadline(log: Activations) -> None:
    lost = log.propose("r1", (), Expected(1), 0.0)
    fresh = log.propose("r2", (), NOBODY, 60)
    assert fresh.number == 2
    assert not log.decide(lost, commit=True), "the coordinator, were it to come back, comes too late"


def test_of_proposals_at_the_same_moment_one_is_made(objects: Objects) -> None:
    def propose(number: int) -> str:
        try:
            return Activations(objects).propose(f"r{number}", (), NOBODY, 60).release_id
        except ReleaseError:
            return ""

    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(propose, range(4)) if one]
    open_ = Activations(objects).read().open
    assert open_ is not None
    assert made == [open_.release_id]


def test_answers_of_those_who_are_asked_count(log: Activations) -> None:
    proposal = log.propose("r1", (), Expected(2, ("web-1", "web-2")), 60)
    log.answer(proposal, "web-1")
    log.answer(proposal, "web-2", "the disk is full")
    log.answer(proposal, "other")
    assert log.answers(proposal) == {"web-1": "", "web-2": "the disk is full"}


def test_old_entries_are_removed_and_never_the_one_that_runs(tmp_path: Path) -> None:
    objects = Objects(ReleaseSettings(url=f"file://{tmp_path}"))
    log = Activations(objects)
    log.decide(log.propose("r0", (), NOBODY, 60), commit=True)
    for _ in range(KEPT + 3):
        log.decide(log.propose("bad", (), NOBODY, 60), commit=False)
    committed = log.read().committed
    assert committed is not None
    assert committed.release_id == "r0"
    for number in range(KEPT + 3):
        log.decide(log.propose(f"r{number}", (), NOBODY, 60), commit=True)
    assert len(objects.sizes("activations")) == 2 * (KEPT + 1)


@pytest.mark.parametrize("text", ["", "0", " , "])
def test_nobody_is_expected_by_mistake(text: str) -> None:
    with pytest.raises(InputError, match="how many servers, or their names"):
        parse_expected(text)


def test_who_is_missing_is_said() -> None:
    assert Expected(3).missing({"a": ""}) == "2 of 3 servers"
    assert parse_expected("a,b").missing({"a": ""}) == "b"
    assert Expected(1).missing({"a": ""}) == ""
