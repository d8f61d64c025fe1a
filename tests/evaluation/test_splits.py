from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.evaluation.splits import Split, cross_validation, given_test, leave_one_out, thin, time_split
from aisle.recommenders.protocol import Holdout, Interactions
from aisle.types import EVENT_KINDS

N_ITEMS = 20


def log(
    *events: tuple[int, int], times: Sequence[float] = (), weights: Sequence[float] = (), n_users: int = 0
) -> Interactions:
    """A log of (user, row) in the order of time."""
    users = np.array([user for user, _ in events], np.int64)
    return Interactions(
        users,
        np.array([row for _, row in events], np.int64),
        np.array(weights or [1.0] * len(events), np.float32),
        np.array(times or range(len(events)), np.float64),
        n_users or int(users.max(initial=-1)) + 1,
        N_ITEMS,
    )


def learned(part: Interactions) -> list[tuple[int, int]]:
    return list(zip(part.users.tolist(), part.rows.tolist(), strict=True))


def asked(holdout: Holdout) -> list[tuple[list[int], list[int], list[int]]]:
    """History, relevant and excluded rows of each question."""
    return [
        (history.rows.tolist(), relevant.tolist(), excluded.tolist())
        for history, relevant, excluded in zip(holdout.histories, holdout.relevant, holdout.excluded, strict=True)
    ]


def test_the_last_item_is_the_test_and_the_one_before_it_validation() -> None:
    split = leave_one_out(log((0, 1), (1, 5), (0, 2), (0, 3), (1, 6), (0, 4)))
    # User 1 has two events only, and is learned from.
    assert learned(split.train) == [(0, 1), (1, 5), (0, 2), (1, 6)]
    assert asked(split.validation) == [([1, 2], [3], [1, 2])]
    assert asked(split.test) == [([1, 2, 3], [4], [1, 2, 3])]
    assert learned(split.full) == [(0, 1), (1, 5), (0, 2), (0, 3), (1, 6)]
    assert split.test_users.tolist() == [0]
    assert not split.refits


def test_seen_items_may_be_kept() -> None:
    split = leave_one_out(log((0, 1), (0, 2), (0, 1)), seen="keep")
    assert asked(split.test) == [([1, 2], [1], [])]


def test_only_likes_are_asked_for_and_dislikes_before_them_stay_in_the_history() -> None:
    split = leave_one_out(log((0, 1), (0, 2), (0, 3), (0, 4), (0, 5), weights=[1, 1, -4, 1, -4]))
    assert asked(split.test) == [([1, 2, 3], [4], [1, 2, 3])]
    assert asked(split.validation) == [([1], [2], [1])]
    assert split.test.histories[0].weights.tolist() == [1, 1, -4]


def test_equal_times_keep_the_order_of_the_log() -> None:
    split = leave_one_out(log((0, 9), (0, 3), (0, 7), times=[5, 5, 5]))
    assert asked(split.test) == [([9, 3], [7], [9, 3])]


def test_users_without_three_likes_are_too_few() -> None:
    with pytest.raises(InputError, match="2 events of 1 users; this protocol needs a user with three events"):
        leave_one_out(log((0, 1), (0, 2)))
    with pytest.raises(InputError, match="0 events"):
        leave_one_out(log())


def test_the_last_tenth_of_the_time_is_the_test() -> None:
    events = [(at % 2, at % N_ITEMS) for at in range(18)] + [(2, 18), (0, 19)]
    split = time_split(log(*events))
    assert len(split.train) == 16
    assert asked(split.validation) == [
        (list(range(0, 16, 2)), [16], list(range(0, 16, 2))),
        (list(range(1, 16, 2)), [17], list(range(1, 16, 2))),
    ]
    # User 2 was never seen before the window, and nobody asks for them.
    assert asked(split.test) == [(list(range(0, 18, 2)), [19], list(range(0, 18, 2)))]
    assert split.test_users.tolist() == [0]


def test_all_that_is_liked_in_the_window_is_relevant_once() -> None:
    events = [(0, row) for row in range(8)] + [(0, 8), (0, 9), (0, 9), (0, 10)]
    split = time_split(log(*events, times=[0] * 8 + [1, 2, 2, 2]), share=0.25)
    assert asked(split.test) == [(list(range(9)), [9, 10], list(range(9)))]


def test_events_of_one_moment_cannot_be_split_by_time() -> None:
    with pytest.raises(InputError, match="both before and within"):
        time_split(log((0, 1), (0, 2), (1, 3), times=[7, 7, 7]))


def test_known_users_of_a_given_test_are_asked_once_for_all_their_items() -> None:
    training = log(*[(user, row) for row in range(10) for user in (0, 1)])
    test = log((0, 12), (0, 11), (1, 13), (0, 12))
    split = given_test(training, test)
    assert asked(split.test) == [
        (list(range(10)), [11, 12], list(range(10))),
        (list(range(10)), [13], list(range(10))),
    ]
    assert split.refits
    assert split.full is training
    # A tenth of ten items is one for each user, and it is out of the history.
    assert [len(relevant) for _, relevant, _ in asked(split.validation)] == [1, 1]
    for history, relevant, excluded in asked(split.validation):
        assert sorted(history + relevant) == list(range(10))
        assert excluded == history
    assert len(split.train) == 18
    assert split.protocol["n_known_users"] == 2


def test_unknown_users_of_a_given_test_are_sessions_predicted_event_by_event() -> None:
    training = log(*[(user, row) for user in range(10) for row in (user, user + 1)], n_users=12)
    test = log((10, 3), (11, 5), (10, 4), (10, 3), n_users=12)
    split = given_test(training, test)
    # Returning to item 3 is allowed; the session of one event asks nothing.
    assert asked(split.test) == [([3], [4], []), ([3, 4], [3], [])]
    assert split.test_users.tolist() == [10, 10]
    # The last of the ten sessions is held out, in the same manner.
    assert asked(split.validation) == [([9], [10], [])]
    assert 9 not in split.train.users
    assert split.protocol["n_sessions"] == 1


def test_seen_items_of_sessions_may_be_masked() -> None:
    training = log(*[(user, row) for user in range(10) for row in (user, user + 1)], n_users=11)
    test = log((10, 3), (10, 4), n_users=11)
    assert asked(given_test(training, test, seen="mask").test) == [([3], [4], [3])]


def test_the_random_validation_of_a_given_test_is_the_same_for_the_same_seed() -> None:
    training = log(*[(user, row) for row in range(12) for user in range(5)])
    test = log(*[(user, 15) for user in range(5)])
    one, same, other = (given_test(training, test, seed=seed) for seed in (3, 3, 4))
    assert asked(one.validation) == asked(same.validation)
    assert asked(one.validation) != asked(other.validation)


def test_a_test_that_asks_nothing_is_refused() -> None:
    training = log((0, 1), (0, 2), (1, 3), n_users=3)
    with pytest.raises(InputError, match="the test asks nothing"):
        given_test(training, log((2, 1), n_users=3))
    with pytest.raises(InputError, match="events to learn from"):
        given_test(log(n_users=3), log((2, 1), (2, 2), n_users=3))


def everybody(splits: Sequence[Split]) -> list[int]:
    return sorted(user for split in splits for user in split.test_users.tolist())


def test_each_user_is_tested_in_one_fold_by_models_that_never_saw_them() -> None:
    splits = cross_validation(log(*[(user, row) for row in range(3) for user in range(20)]), folds=4)
    assert everybody(splits) == list(range(20))
    for split in splits:
        assert not set(split.test_users.tolist()) & set(split.full.users.tolist())
        assert not set(split.test_users.tolist()) & set(split.train.users.tolist())
        assert len(split.validation) == 2
        assert len(split.train) == 3 * (20 - 5 - 2)
        assert asked(split.test) == [([0, 1], [2], [0, 1])] * 5


def test_folds_need_users() -> None:
    with pytest.raises(InputError, match="folds=1"):
        cross_validation(log((0, 1), (0, 2)), folds=1)
    with pytest.raises(InputError, match="needs 10 users"):
        cross_validation(log((0, 1), (0, 2)), folds=5)


def test_kinds_of_events_go_along() -> None:
    told = log((0, 1), (0, 2), (0, 3), (0, 4))
    with_kinds = Interactions(
        told.users, told.rows, told.weights, told.times, 1, N_ITEMS, np.array([2, 3, 4, 5], np.int8)
    )
    split = leave_one_out(with_kinds)
    assert split.train.kinds is not None
    assert split.train.kinds.tolist() == [2, 3]
    kinds = split.test.histories[0].kinds
    assert kinds is not None
    assert kinds.tolist() == [2, 3, 4]


def test_a_sample_of_questions_keeps_their_order() -> None:
    holdout = leave_one_out(log(*[(user, row) for row in range(3) for user in range(9)])).test
    assert thin(holdout, 9) is holdout
    assert len(thin(holdout, 4)) == 4


def test_to_view_take_and_buy_is_one_choice_where_seen_items_are_masked() -> None:
    events = [(0, row) for row in (0, 1, 2, 3, 3, 1)]
    view, cart = EVENT_KINDS.index("view"), EVENT_KINDS.index("cart")
    mixed = replace(log(*events), kinds=np.array([view, view, view, view, cart, cart], np.int8))
    split = leave_one_out(mixed)
    assert (split.test.relevant[0].tolist(), split.test.histories[0].rows.tolist()) == ([3], [0, 1, 2])
    assert split.validation.relevant[0].tolist() == [2]
    assert leave_one_out(mixed, seen="keep").test.relevant[0].tolist() == [1]


def test_in_a_log_of_one_kind_every_like_is_asked_for() -> None:
    events = [(0, row) for row in (0, 1, 2, 3, 3, 1)]
    for told in (log(*events), replace(log(*events), kinds=np.full(6, EVENT_KINDS.index("view"), np.int8))):
        assert leave_one_out(told).test.relevant[0].tolist() == [1]
