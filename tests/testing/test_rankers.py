from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pytest

from aisle.ranking import Found, LinearFusion, Ranker
from aisle.testing.rankers import QUERIES, RankerConformance
from aisle.types import Candidates


@dataclass(frozen=True, slots=True)
class Forgetful(LinearFusion):
    """Drops the last item."""

    def rank(self, found: Found) -> Candidates:
        ranked = LinearFusion.rank(self, found)
        return ranked.top(max(0, len(ranked) - 1))


@dataclass(frozen=True, slots=True)
class Upside(LinearFusion):
    """Worst first."""

    def rank(self, found: Found) -> Candidates:
        ranked = LinearFusion.rank(self, found)
        return replace(ranked, rows=ranked.rows[::-1], scores=ranked.scores[::-1])


@dataclass(frozen=True, slots=True)
class Careless(LinearFusion):
    """Writes into what was found."""

    def rank(self, found: Found) -> Candidates:
        found.cosines[:] = 0
        return LinearFusion.rank(self, found)


@dataclass(frozen=True, slots=True)
class Amnesiac(LinearFusion):
    """Loads other weights than were saved, whatever the file says."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(0.0, 1.0)


def kit_of(ranker: Ranker) -> Any:
    class Kit(RankerConformance):
        def make(self) -> Ranker:
            return ranker

    return Kit()


@pytest.mark.parametrize(
    ("ranker", "case"),
    [
        (Forgetful(), lambda kit, _: kit.test_everything_found_is_ranked_once(QUERIES[0])),
        (Upside(), lambda kit, _: kit.test_scores_never_increase_and_are_finite(QUERIES[0])),
        (Careless(), lambda kit, _: kit.test_ranking_changes_nothing_of_what_was_found()),
        (Amnesiac(1.0, 0.1), lambda kit, folder: kit.test_a_loaded_ranker_orders_like_the_saved_one(folder)),
    ],
)
def test_the_kit_notices_a_broken_promise(ranker: Ranker, case: Callable[[Any, Path], None], tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        case(kit_of(ranker), tmp_path)


def test_the_kit_notices_files_that_are_not_read(tmp_path: Path) -> None:
    for case in ("test_a_missing_file_is_a_release_error", "test_a_damaged_file_is_a_release_error"):
        with pytest.raises(pytest.fail.Exception):
            getattr(kit_of(Amnesiac()), case)(tmp_path)
