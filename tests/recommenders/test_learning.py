import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from aisle.errors import InputError
from aisle.recommenders.learning import Course, Epoch, learn


class Slope(nn.Module):
    """Learns that y = 3 x."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(1, 1))

    def at(self) -> float:
        return float(self.slope.detach())

    def loss(self, x: float) -> Tensor:
        return ((self.slope - 3) * x).square().sum()


def ones() -> Iterator[float]:
    yield from [1.0] * 10


FAST = Course(epochs=20, learning_rate=0.1, warmup_steps=0)


def test_it_learns() -> None:
    network = Slope()
    learned = learn(network, ones, network.loss, FAST)
    assert network.at() == pytest.approx(3, abs=0.1)
    assert learned.best == 20
    assert learned.epochs[-1].loss < learned.epochs[0].loss
    assert not network.training


def test_it_stops_when_the_holdout_gets_no_better_and_keeps_the_best_weights() -> None:
    network, slopes = Slope(), list[float]()

    def quality() -> float:
        slopes.append(network.at())
        return -abs(slopes[-1] - 1.5)

    learned = learn(network, ones, network.loss, Course(epochs=50, patience=3, learning_rate=0.02), quality)
    assert len(learned.epochs) == learned.best + 3
    assert network.at() == slopes[learned.best - 1]
    assert "no better than epoch" in learned.ending


def test_progress_hears_of_every_epoch() -> None:
    network, heard = Slope(), list[Epoch]()
    learn(network, ones, network.loss, Course(epochs=3), lambda: 0.5, heard.append)
    assert [(epoch.number, epoch.quality) for epoch in heard] == [(1, 0.5), (2, 0.5), (3, 0.5)]


def test_a_budget_ends_it_within_an_epoch() -> None:
    network = Slope()
    learned = learn(network, ones, network.loss, Course(epochs=1_000_000, budget_s=0.05))
    assert "budget" in learned.ending
    assert learned.epochs[-1].elapsed_s < 5


def test_a_loss_that_is_not_finite_in_the_first_epoch_is_an_input_error() -> None:
    network = Slope()
    with pytest.raises(InputError, match=r"nan in epoch 1 at a learning rate of 0\.001; lower learning_rate"):
        learn(network, lambda: iter([1.0, math.nan]), network.loss, Course())


def test_a_later_loss_that_is_not_finite_keeps_the_last_good_weights() -> None:
    network = Slope()
    epochs = iter([[1.0], [1.0, math.inf]])
    learned = learn(network, lambda: iter(next(epochs)), network.loss, Course(learning_rate=0.1, warmup_steps=0))
    assert learned.best == 1
    assert learned.ending == "the loss became inf in epoch 2; the weights of epoch 1 are kept"
    assert network.at() == pytest.approx(0.1)


def test_the_learning_rate_warms_up() -> None:
    # Adam's first steps have the length of the learning rate: 0.1 * (1 + 2) / 4
    network = Slope()
    learn(network, lambda: iter([1.0, 1.0]), network.loss, Course(epochs=1, learning_rate=0.1, warmup_steps=4))
    assert network.at() == pytest.approx(0.075, rel=1e-3)


def test_averaged_weights_lag_behind() -> None:
    newest, averaged = Slope(), Slope()
    learn(newest, ones, newest.loss, Course(epochs=1, learning_rate=0.1, warmup_steps=0))
    course = Course(epochs=1, learning_rate=0.1, warmup_steps=0, averaging=0.99)
    learn(averaged, ones, averaged.loss, course)
    assert 0 < averaged.at() < newest.at()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"patience": 0}, "patience=0"),
        ({"budget_s": 0.0}, "budget_s=0"),
        ({"learning_rate": math.nan}, "learning_rate=nan"),
        ({"averaging": 1.0}, "averaging=1"),
    ],
)
def test_a_course_out_of_range_is_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        Course(**wrong)  # type: ignore[arg-type]
