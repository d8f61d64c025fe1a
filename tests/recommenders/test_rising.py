from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions
from aisle.recommenders.rising import Rising
from aisle.testing.recommenders import RecommenderConformance, history

DAY = 86_400.0


class TestRising(RecommenderConformance):
    answers_without_history = True

    def make(self, n_items: int) -> Rising:
        return Rising(recent_days=5, smoothing=1)


def log(events: dict[float, list[int]], n_items: int = 4) -> Interactions:
    """What was chosen by day, each by somebody else."""
    days = np.concatenate([np.full(len(rows), day) for day, rows in sorted(events.items())])
    rows = np.concatenate([np.array(rows, np.int64) for _, rows in sorted(events.items())])
    return Interactions(np.arange(len(rows)), rows, np.ones(len(rows), np.float32), days * DAY, len(rows), n_items)


def test_growth_is_measured_against_the_old_share() -> None:
    # before: 0 three times, 1 once; now, twice as much in all: 0 four times, 1 twice, 2 twice
    model = Rising(recent_days=7, earlier_days=7, smoothing=1).fit(log({0: [0, 0, 0, 1], 10: [0, 0, 0, 0, 1, 1, 2, 2]}))
    np.testing.assert_allclose(model.score([history()]), [[(4 - 6) / 7, 0, 2 / 1, 0]], rtol=1e-6)
    (found,) = model.recommend([history(0)], 5)
    assert found.rows.tolist() == [2]


def test_what_is_older_than_both_spans_is_forgotten() -> None:
    model = Rising(recent_days=2, earlier_days=2, smoothing=1).fit(log({0: [1] * 50, 7: [0], 10: [0, 1]}))
    np.testing.assert_allclose(model.score([history()])[0, :2], [(1 - 2) / 3, 1 / 1], rtol=1e-6)


def test_a_shop_of_one_day_shows_what_is_chosen_most() -> None:
    (found,) = Rising(smoothing=1).fit(log({0: [1, 2, 2]})).recommend([history()], 5)
    assert found.rows.tolist() == [2, 1]


def test_settings_are_saved(tmp_path: Path) -> None:
    Rising(recent_days=3, earlier_days=9, smoothing=2).fit(log({0: [0]})).save(tmp_path)
    model = Rising.load(tmp_path)
    assert (model.recent_days, model.earlier_days, model.smoothing) == (3, 9, 2)


def test_a_span_of_no_days_is_refused() -> None:
    with pytest.raises(InputError, match="recent_days=0"):
        Rising(recent_days=0)
