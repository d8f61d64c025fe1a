"""What every recommender promises: subclass a kit in a test, say how to make the model; pytest does the rest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.recommenders import History, Interactions, Recommender, SimilarItems, build_interactions, histories_of
from aisle.recommenders.protocol import NOTHING
from aisle.recommenders.slate import propose
from aisle.settings import RecommendSettings
from aisle.testing.toy_shop import toy_events, toy_items
from aisle.types import Candidates, Event

N_ITEMS = 12
UNKNOWN = np.array([N_ITEMS, N_ITEMS + 1, 10**9], np.int64)
CLOSE = 1e-5
"""Scores that differ by less count as equal: a batch may add in another order than a single answer."""


def toy_rows() -> dict[str, int]:
    """The row of each item of the toy shop: e1 is 0, s3 is 11."""
    return {item.item_id: row for row, item in enumerate(toy_items())}


def events_frame(events: Sequence[Event]) -> pl.DataFrame:
    """Events as the store's frame has them: the columns that models look at."""
    columns = ("event_id", "kind", "timestamp", "user_id", "session_id", "item_id", "value")
    types = {"timestamp": pl.Datetime("us", "UTC"), "value": pl.Float64()}
    return pl.DataFrame(
        [pl.Series(name, [getattr(event, name) for event in events], types.get(name, pl.String())) for name in columns]
    )


def toy_interactions() -> Interactions:
    """What models learn from in the toy shop: users 0 to 4 are ann, bob, cid, dee and eve."""
    return build_interactions(events_frame(toy_events()), toy_rows(), RecommendSettings())


def history(*rows: int, weights: Sequence[float] = ()) -> History:
    """A history of these rows, oldest first, each of weight 1 unless `weights` says otherwise."""
    return History(np.array(rows, np.int64), np.array(weights or [1.0] * len(rows), np.float32))


class RecommenderConformance:
    """The cases of the Recommender protocol. A subclass defines `make`, and may set `answers_without_history`."""

    answers_without_history = False
    """True for a model that proposes items to a user whom nobody knows."""

    def make(self, n_items: int) -> Recommender:
        """A new model, not fitted, for a catalogue of `n_items`. The same call makes the same model."""
        raise NotImplementedError

    def test_the_same_data_gives_the_same_answers(self) -> None:
        same(self.answers(self.fitted()), self.answers(self.fitted()))

    def test_a_loaded_model_answers_like_the_saved_one(self, tmp_path: Path) -> None:
        model = self.fitted()
        model.save(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [f"{model.name}.npz"]
        same(self.answers(type(model).load(tmp_path)), self.answers(model))

    def test_a_missing_file_is_a_release_error(self, tmp_path: Path) -> None:
        with pytest.raises(ReleaseError, match=self.make(N_ITEMS).name):
            type(self.make(N_ITEMS)).load(tmp_path)

    def test_a_damaged_file_is_a_release_error(self, tmp_path: Path) -> None:
        model = self.fitted()
        model.save(tmp_path)
        path = tmp_path / f"{model.name}.npz"
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(ReleaseError, match=model.name):
            type(model).load(tmp_path)

    def test_an_empty_history_gets_the_documented_answer(self) -> None:
        (found,) = self.fitted().recommend([history()], 5)
        assert len(found) == (5 if self.answers_without_history else 0)

    def test_a_history_of_unknown_rows_counts_as_empty(self) -> None:
        model = self.fitted()
        same(model.recommend([History(UNKNOWN, np.ones(3, np.float32))], 5), model.recommend([history()], 5))

    def test_unknown_rows_in_a_history_are_passed_over(self) -> None:
        model = self.fitted()
        mixed = history(0, N_ITEMS, 3, -1, weights=[1, 2, 3, 4])
        same(model.recommend([mixed], 5), model.recommend([history(0, 3, weights=[1, 3])], 5))

    def test_no_histories_get_no_answers(self) -> None:
        assert self.fitted().recommend([], 5) == []

    def test_a_batch_equals_its_single_answers(self) -> None:
        model, asked = self.fitted(), histories()
        singles = [model.recommend([one], N_ITEMS)[0] for one in asked]
        same(model.recommend(asked, N_ITEMS), singles)

    def test_score_has_a_finite_number_for_every_history_and_item(self) -> None:
        model = self.fitted()
        for asked in (histories(), [history()], []):
            scores = model.score(asked)
            assert scores.shape == (len(asked), N_ITEMS)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_what_is_recommended_is_the_top_of_the_scores(self) -> None:
        model = self.fitted()
        found = [one.top(int((one.scores > 0).sum())) for one in self.answers(model)]
        same(found, propose(model.score(histories()), N_ITEMS, model.name, [NOTHING] * len(found)))

    def test_scores_of_a_batch_equal_those_of_one_at_a_time(self) -> None:
        model, asked = self.fitted(), histories()
        singles = np.concatenate([model.score([one]) for one in asked])
        np.testing.assert_allclose(model.score(asked), singles, rtol=CLOSE, atol=CLOSE)

    def test_scores_pass_over_unknown_rows(self) -> None:
        model = self.fitted()
        mixed, plain = history(0, N_ITEMS, 3, -1, weights=[1, 2, 3, 4]), history(0, 3, weights=[1, 3])
        np.testing.assert_allclose(model.score([mixed]), model.score([plain]), rtol=CLOSE, atol=CLOSE)

    def test_a_history_of_a_thousand_events_is_answered(self) -> None:
        model, asked = self.fitted(), [history(*range(N_ITEMS)) for _ in range(3)]
        asked.append(History(np.arange(1_000) % N_ITEMS, np.ones(1_000, np.float32)))
        assert np.isfinite(model.score(asked)).all()
        assert len(model.recommend(asked, 5)) == 4

    @pytest.mark.parametrize("odd", ["users of one event", "all at one instant", "every event twice"])
    def test_odd_logs_are_learned_from(self, odd: str) -> None:
        log = odd_logs()[odd]
        model, again = self.make(N_ITEMS).fit(log), self.make(N_ITEMS).fit(log)
        assert np.isfinite(model.score(histories())).all()
        same(self.answers(model), self.answers(again))

    def test_scores_never_increase_and_are_finite(self) -> None:
        for found in self.answers(self.fitted()):
            assert np.isfinite(found.scores).all()
            assert (np.diff(found.scores) <= 0).all()

    def test_rows_are_of_the_catalogue_and_come_once(self) -> None:
        model = self.fitted()
        for found in self.answers(model):
            assert found.rows.dtype == np.int64
            assert found.scores.dtype == np.float32
            assert found.source == model.name
            assert len(found.rows) == len(found.scores) == len(set(found.rows.tolist()))
            assert all(0 <= row < N_ITEMS for row in found.rows.tolist())

    @pytest.mark.parametrize("k", [1, 3, N_ITEMS, 1_000])
    def test_k_is_the_most_that_is_proposed(self, k: int) -> None:
        model = self.fitted()
        longest = model.recommend(histories(), 1_000)
        for found, whole in zip(model.recommend(histories(), k), longest, strict=True):
            assert len(found) == min(k, len(whole))

    def test_a_shorter_answer_is_the_head_of_a_longer_one(self) -> None:
        model = self.fitted()
        same(model.recommend(histories(), 2), [found.top(2) for found in model.recommend(histories(), N_ITEMS)])

    def test_excluded_rows_are_never_proposed_and_others_move_up(self) -> None:
        model = self.fitted()
        whole = model.recommend(histories(), N_ITEMS)
        out = [found.rows[::2] for found in whole]
        rest = [Candidates(found.rows[1::2], found.scores[1::2], found.source) for found in whole]
        same(model.recommend(histories(), N_ITEMS, out), rest)

    def test_nothing_is_left_when_everything_is_excluded(self) -> None:
        everything = [np.arange(N_ITEMS)] * len(histories())
        assert all(len(found) == 0 for found in self.fitted().recommend(histories(), 5, everything))

    def test_unknown_rows_may_be_excluded(self) -> None:
        model = self.fitted()
        same(model.recommend(histories(), 5, [UNKNOWN] * len(histories())), model.recommend(histories(), 5))

    def test_a_wrong_call_is_an_input_error(self) -> None:
        model = self.fitted()
        with pytest.raises(InputError, match="k=0"):
            model.recommend([history(0)], 0)
        with pytest.raises(InputError, match="2 arrays for 1 histories"):
            model.recommend([history(0)], 5, [UNKNOWN, UNKNOWN])

    def test_fitting_and_asking_leave_their_input_as_it_was(self) -> None:
        given, before = toy_interactions(), toy_interactions()
        model = self.make(N_ITEMS)
        assert model.fit(given) is model
        asked = history(0, 3, weights=[1, -1])
        model.recommend([asked], 5, [asked.rows])
        for name in ("users", "rows", "weights", "times"):
            np.testing.assert_array_equal(getattr(given, name), getattr(before, name))
        assert (asked.rows.tolist(), asked.weights.tolist()) == ([0, 3], [1, -1])

    def test_a_caller_who_writes_into_an_answer_does_not_change_the_next(self) -> None:
        model = self.fitted()
        before = self.answers(model)
        for found in self.answers(model):
            found.rows[:] = 0
            found.scores[:] = 0
        same(self.answers(model), before)

    def test_what_is_learned_ends_in_an_underscore(self) -> None:
        before, after = vars(self.make(N_ITEMS)), vars(self.fitted())
        changed = [name for name in after if name not in before or after[name] is not before[name]]
        misnamed = [name for name in changed if not name.endswith("_") and not _equal(before.get(name), after[name])]
        assert misnamed == []

    def test_a_shop_without_events_still_answers(self) -> None:
        nothing = build_interactions(events_frame([]), toy_rows(), RecommendSettings())
        for found in self.make(N_ITEMS).fit(nothing).recommend([history(), history(0)], 5):
            assert len(found) <= 5
            assert np.isfinite(found.scores).all()

    def test_a_catalogue_of_one_item_still_answers(self) -> None:
        one = build_interactions(events_frame(toy_events()), {"e1": 0}, RecommendSettings())
        for found in self.make(1).fit(one).recommend([history(), history(0)], 5):
            assert set(found.rows.tolist()) <= {0}

    def fitted(self) -> Recommender:
        """The model, fitted on the toy shop."""
        return self.make(N_ITEMS).fit(toy_interactions())

    def answers(self, model: Recommender) -> list[Candidates]:
        """All that `model` proposes to the histories of the kit."""
        return model.recommend(histories(), N_ITEMS)


class SimilarItemsConformance:
    """The cases of the SimilarItems protocol. A subclass defines `make_similar`."""

    def make_similar(self) -> SimilarItems:
        """The model, fitted on the toy shop."""
        raise NotImplementedError

    def test_an_item_is_never_similar_to_itself(self) -> None:
        rows = np.arange(N_ITEMS)
        for row, found in zip(rows, self.make_similar().similar(rows, N_ITEMS), strict=True):
            assert row not in found.rows

    def test_similar_scores_never_increase_and_rows_come_once(self) -> None:
        for found in self.make_similar().similar(np.arange(N_ITEMS), N_ITEMS):
            assert (np.diff(found.scores) <= 0).all()
            assert len(set(found.rows.tolist())) == len(found)

    def test_an_unknown_row_has_nothing_similar(self) -> None:
        rows = np.array([0, N_ITEMS, -1])
        known, unknown, negative = self.make_similar().similar(rows, 5)
        assert len(known) > 0
        assert len(unknown) == len(negative) == 0

    def test_k_is_the_most_that_is_similar(self) -> None:
        model, rows = self.make_similar(), np.arange(N_ITEMS)
        same(model.similar(rows, 2), [found.top(2) for found in model.similar(rows, N_ITEMS)])
        with pytest.raises(InputError, match="k=0"):
            model.similar(rows, 0)


def histories() -> list[History]:
    """The histories of the kit: the five users of the toy shop, one event, repeated rows, likes with dislikes, none."""
    shoppers = histories_of(toy_interactions(), RecommendSettings())
    return [
        *shoppers,
        history(0),
        history(3, 3, 0),
        history(0, 3, weights=[1, -4]),
        history(4, weights=[-4]),
        history(),
    ]


def odd_logs() -> dict[str, Interactions]:
    """The toy log where no user did two things, where all happened at once, and where each thing happened twice."""
    log = toy_interactions()
    n = len(log)
    twice = np.repeat(np.arange(n), 2)
    return {
        "users of one event": replace(log, users=np.arange(n), n_users=n),
        "all at one instant": replace(log, times=np.zeros(n)),
        "every event twice": replace(
            log,
            users=log.users[twice],
            rows=log.rows[twice],
            weights=log.weights[twice],
            times=log.times[twice],
            kinds=None if log.kinds is None else log.kinds[twice],
        ),
    }


def same(found: Sequence[Candidates], expected: Sequence[Candidates]) -> None:
    """Fail unless two lists of candidates agree, but for the order of items whose scores are as good as equal."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, rtol=CLOSE, atol=CLOSE)
        ends = np.flatnonzero(np.diff(other.scores) < -CLOSE) + 1
        for mine, theirs in zip(np.split(one.rows, ends), np.split(other.rows, ends), strict=True):
            assert set(mine.tolist()) == set(theirs.tolist())


def _equal(one: object, other: object) -> bool:
    """Whether an attribute is as the constructor left it; of objects that are no plain values only the type counts."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    plain = isinstance(one, (bool, int, float, str, tuple))
    return type(one) is type(other) and (not plain or one == other)
