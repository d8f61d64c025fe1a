import numpy as np
import pytest
import torch

from aisle.recommenders import lightgcn_learning
from aisle.recommenders.choice_learning import lessons
from aisle.recommenders.lightgcn import LightGcn
from aisle.recommenders.lightgcn_learning import LightGcnNetwork, Spreading, scales_of
from aisle.recommenders.matrices import choices
from aisle.testing.baskets import baskets
from aisle.testing.recommenders import toy_interactions

# two people of two choices each; item 0 was chosen by both: C = (2, 2), D = (2, 1, 1)
SHOP = choices(baskets([0, 1], [0, 2], n_items=3))
FAR = 8**-0.5
# P: item 0 to itself over both people 2 * 1 / (2 * 2), to 1 and 2 over one each, 1 / (2 * sqrt(2 * 1))
TRIP = np.array([[0.5, FAR, FAR], [FAR, 0.5, 0], [FAR, 0, 0.5]], np.float32)
EYE = np.eye(3, dtype=np.float32)


@pytest.mark.parametrize(("layers", "expected"), [(0, EYE), (1, (EYE + TRIP) / 2), (2, (EYE + TRIP + TRIP @ TRIP) / 3)])
def test_vectors_are_the_mean_over_trips_through_the_graph(layers: int, expected: np.ndarray) -> None:
    np.testing.assert_allclose(Spreading(SHOP, layers)(EYE), expected, atol=1e-6)


def test_the_published_propagation_from_people_of_nothing_gives_the_same_but_for_a_factor() -> None:
    # He et al., equation 8: the adjacency of people and items, divided by the roots of both degrees, 3 layers
    links = np.array([[0.5, 2**-0.5, 0], [0.5, 0, 2**-0.5]])
    adjacency = np.block([[np.zeros((2, 2)), links], [links.T, np.zeros((3, 3))]])
    start = np.concatenate([np.zeros((2, 3)), np.eye(3)])
    mean = sum(np.linalg.matrix_power(adjacency, layer) @ start for layer in range(4)) / 4
    spread = Spreading(SHOP, layers=1)(EYE)
    np.testing.assert_allclose(2 * mean[2:], spread, atol=1e-6)
    # a person: x D^-1/2 V, divided by the root of two choices
    tastes = SHOP.multiply(scales_of(SHOP)).tocsr() @ spread / 2**0.5
    np.testing.assert_allclose(2 * mean[:2], tastes, atol=1e-6)


def test_absent_people_pass_nothing_on() -> None:
    # without the second person, P holds the first one's steps alone
    alone = np.array([[0.25, FAR, 0], [FAR, 0.5, 0], [0, 0, 0]])
    np.testing.assert_allclose(Spreading(SHOP, 1)(EYE, np.array([1])), (EYE + alone) / 2, atol=1e-6)


def test_people_in_parts_pass_on_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choices(toy_interactions())
    vectors = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
    whole = [Spreading(chosen, 2)(vectors, np.array(absent, np.int64)) for absent in ([], [0, 3])]
    monkeypatch.setattr(lightgcn_learning, "PEOPLE_AT_ONCE", 2)
    parts = [Spreading(chosen, 2)(vectors, np.array(absent, np.int64)) for absent in ([], [0, 3])]
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def network(chosen: object, start: np.ndarray, temperature: float = 1) -> LightGcnNetwork:
    return LightGcnNetwork(start, Spreading(chosen, 1), scales_of(chosen), temperature)


def test_gradients_flow_back_through_the_graph() -> None:
    chosen = choices(toy_interactions())
    one = network(chosen, np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32))
    (lesson,) = lessons(chosen, batch=12, targets=2, negatives=4, rng=np.random.default_rng(0))
    one.loss(lesson).backward()  # type: ignore[no-untyped-call]
    assert one.vectors.grad is not None
    gradient, step = one.vectors.grad.numpy().copy(), 1e-2
    for place in [(0, 0), (3, 1), (11, 2)]:
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                one.vectors[place] += sign * step
                losses.append(float(one.loss(lesson)))
                one.vectors[place] -= sign * step
        assert gradient[place] == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=0.05, abs=1e-3)


def test_a_choice_is_asked_without_itself_and_without_the_steps_of_whose_it_is() -> None:
    # nobody is left in the graph, so V is E / 2; given item 1 alone the taste of person 0 is (0, 1)
    start = np.array([[1, 0], [0, 1], [0, -1]], np.float32)
    one = network(SHOP, start, temperature=2)
    (lesson,) = lessons(SHOP, batch=2, targets=1, negatives=1, rng=np.random.default_rng(0))
    pairs = {0: (0, 1), 1: (0, 2)}
    losses = []
    for place in lesson.asked.tolist():
        row, user = int(lesson.rows[place]), int(lesson.people[int(lesson.users[place])])
        (other,) = set(pairs[user]) - {row}
        own, against = 2 * start[other] @ start[row], 2 * start[other] @ start[int(lesson.negatives[0])]
        losses.append(np.log(np.exp(own) + np.exp(against)) - own)
    assert float(one.loss(lesson).detach()) == pytest.approx(np.mean(losses), rel=1e-5)


def test_what_is_kept_are_directions_and_how_much_each_item_says() -> None:
    model = LightGcn(factors=2, epochs=1).fit(baskets([0, 1], [0, 2], n_items=4))
    np.testing.assert_allclose(np.linalg.norm(model.vectors_[:3], axis=1), 1, rtol=1e-5)
    assert (model.shares_ > 0).tolist() == [True, True, True, False]
