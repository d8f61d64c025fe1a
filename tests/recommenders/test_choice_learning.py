import numpy as np
import pytest
import torch

from aisle.recommenders.choice_learning import choice_loss, lessons, ndcg, start_vectors
from aisle.recommenders.matrices import choices
from aisle.recommenders.popularity import Popularity
from aisle.recommenders.protocol import Holdout
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import history

SHOP = baskets([0, 1, 2], [3], [1, 2], [0, 3], n_items=4)


def test_an_epoch_asks_everybody_of_two_choices_once() -> None:
    chosen = choices(SHOP)
    epoch = list(lessons(chosen, batch=2, targets=2, negatives=5, rng=np.random.default_rng(0)))
    assert [lesson.n_users for lesson in epoch] == [2, 1]
    assert sorted(np.concatenate([lesson.people for lesson in epoch])) == [0, 2, 3]
    for lesson in epoch:
        for user, person in enumerate(lesson.people):
            assert sorted(lesson.rows[lesson.users == user].tolist()) == chosen[person].indices.tolist()
            assert (lesson.users[lesson.asked] == user).sum() == 2
        assert len(set(lesson.asked.tolist())) == len(lesson.asked)
        assert len(lesson.negatives) == 5


def test_who_is_asked_more_counts_by_the_square_root() -> None:
    # one user is asked for one choice at a loss of log 2, the other for four at log 4: (log 2 + 2 log 4) / (1 + 2)
    (lesson,) = lessons(choices(baskets([0, 1], [0, 1, 2, 3], n_items=4)), 2, 4, 3, np.random.default_rng(0))
    few = int((lesson.people == 0).argmax())
    asked = torch.cat([torch.nonzero(lesson.users == few)[:1, 0], torch.nonzero(lesson.users != few)[:, 0]])
    one = type(lesson)(lesson.users, lesson.rows, lesson.values, asked, lesson.negatives, lesson.people)
    others = torch.zeros(5, 3)
    others[0, 1:] = -torch.inf
    assert float(choice_loss(torch.zeros(5), others, one)) == pytest.approx((np.log(2) + 2 * np.log(4)) / 3)


def test_vectors_start_with_length_one_where_company_is_alike() -> None:
    start = start_vectors(choices(baskets([0, 1], [0, 1], [2, 3], [2, 3], n_items=4)), 3, seed=0)
    cosines = start @ start.T
    np.testing.assert_allclose(np.diag(cosines), 1, rtol=1e-5)
    assert cosines[0, 1] > 0.99
    assert abs(cosines[0, 2]) < 0.1


def test_the_exam_is_the_mean_ndcg_at_ten() -> None:
    # popular are 0, 1, 2 in this order; the first finds its item at rank 2, the second one of two at rank 1
    model = Popularity().fit(baskets([0, 1, 2], [0, 1], [0], n_items=5))
    holdout = Holdout([history(2), history(0)], [np.array([1]), np.array([1, 4])], [np.array([2]), np.array([0, 4])])
    found = 1 / np.log2(3), 1 / (1 + 1 / np.log2(3))
    assert ndcg(model, holdout) == pytest.approx(np.mean(found))
