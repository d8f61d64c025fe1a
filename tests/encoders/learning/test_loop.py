"""The loop: a line is fitted, resumed, stopped, and saved from bad numbers."""

import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from aisle.encoders.learning.loop import Course, Learned, Step, learn
from aisle.errors import InputError

COURSE = Course(steps=20, learning_rate=0.05, warmup=0.0, save_every=3)


@dataclass(frozen=True, slots=True)
class Points:
    x: Tensor
    y: Tensor


class Line(nn.Module):
    """A network with dropout, so that the generators matter."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(7)
        self.layers = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.2), nn.Linear(8, 1))

    def loss(self, batch: Points) -> Tensor:
        return nn.functional.mse_loss(self.layers(batch.x), batch.y)


def batches(epoch: int) -> Iterator[Points]:
    drawn = torch.Generator().manual_seed(epoch)
    for _ in range(4):
        x = torch.randn(8, 2, generator=drawn)
        yield Points(x, x.sum(dim=1, keepdim=True))


def weights(network: nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in network.parameters()]


def losses(learned: Learned) -> list[float]:
    return [step.loss for step in learned.steps]


def test_it_learns() -> None:
    network = Line()
    learned = learn(network, batches, network.loss, replace(COURSE, steps=200))
    assert losses(learned)[0] > 2 * sum(losses(learned)[-20:]) / 20
    assert [step.number for step in learned.steps] == list(range(1, 201))
    assert (learned.best, learned.ending, learned.resumed_from) == (200, "all 200 steps done", 0)
    assert not network.training


def test_the_learning_rate_rises_and_falls_in_straight_lines() -> None:
    network = Line()
    learned = learn(network, batches, network.loss, Course(5, 1.0, warmup=0.4))
    assert [step.learning_rate for step in learned.steps] == pytest.approx([0.5, 1, 1, 2 / 3, 1 / 3])


def test_the_same_seed_gives_the_same_losses() -> None:
    first, second, other = (Line() for _ in range(3))
    one = learn(first, batches, first.loss, COURSE)
    assert losses(learn(second, batches, second.loss, COURSE)) == losses(one)
    assert losses(learn(other, batches, other.loss, replace(COURSE, seed=1))) != losses(one)


@pytest.mark.parametrize("stopped_at", [4, 7, 12])  # within an epoch, and at its end
def test_a_resumed_run_is_the_same_bit_for_bit(stopped_at: int, tmp_path: Path) -> None:
    whole, part = Line(), Line()
    expected = learn(whole, batches, whole.loss, COURSE, quality=lambda: 0.0)

    def stop(step: Step) -> None:
        if step.number == stopped_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(part, batches, part.loss, COURSE, quality=lambda: 0.0, folder=tmp_path, watch=stop)
    again = Line()
    learned = learn(again, batches, again.loss, COURSE, quality=lambda: 0.0, folder=tmp_path)
    assert learned.resumed_from == (stopped_at - 1) // 3 * 3
    assert losses(learned) == losses(expected)
    assert all(torch.equal(one, other) for one, other in zip(weights(again), weights(whole), strict=True))


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_loop import COURSE, Line, batches, learn
network = Line()
def kill(step):
    if step.number == 11:
        os.kill(os.getpid(), signal.SIGKILL)
learn(network, batches, network.loss, COURSE, folder=Path(sys.argv[2]), watch=kill)
"""


def test_after_sigkill_the_curve_continues_bit_for_bit(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    again, whole = Line(), Line()
    learned = learn(again, batches, again.loss, COURSE, folder=tmp_path)
    assert learned.resumed_from == 9
    assert losses(learned) == losses(learn(whole, batches, whole.loss, COURSE))
    assert all(torch.equal(one, other) for one, other in zip(weights(again), weights(whole), strict=True))


def test_a_finished_run_is_not_learned_again(tmp_path: Path) -> None:
    network, again = Line(), Line()
    expected = learn(network, batches, network.loss, COURSE, folder=tmp_path)
    learned = learn(again, batches, again.loss, COURSE, folder=tmp_path)
    assert (learned.resumed_from, losses(learned)) == (20, losses(expected))
    assert all(torch.equal(one, other) for one, other in zip(weights(again), weights(network), strict=True))


def test_the_best_weights_are_kept() -> None:
    network, told, worth = Line(), [], iter([1.0, 3.0, 2.0])

    def quality() -> float:
        assert not network.training
        told.append(weights(network))
        return next(worth)

    course = replace(COURSE, steps=9, check_every=3)
    learned = learn(network, batches, network.loss, course, quality=quality)
    assert [step.quality for step in learned.steps if step.quality is not None] == [1.0, 3.0, 2.0]
    assert learned.best == 6
    assert all(torch.equal(one, other) for one, other in zip(weights(network), told[1], strict=True))


def test_it_ends_when_it_gets_no_better() -> None:
    network, worth = Line(), iter([1.0, 2.0, 1.5, 2.0, 9.0])
    course = replace(COURSE, steps=50, check_every=2, patience=2)
    learned = learn(network, batches, network.loss, course, quality=lambda: next(worth))
    assert (learned.best, len(learned.steps)) == (4, 8)
    assert learned.ending == "no better than step 4 for 2 checks"


def test_a_budget_ends_it_with_a_check() -> None:
    network = Line()
    course = replace(COURSE, steps=10_000_000, budget_s=0.2)
    learned = learn(network, batches, network.loss, course, quality=lambda: 5.0)
    assert learned.ending.startswith("the budget of 0.2 s was used up at step")
    assert learned.steps[-1].quality == 5.0
    assert learned.best == len(learned.steps) < 10_000_000


def poisoned(network: Line, at: int, how: str) -> "nn.Module":
    calls = iter(range(1, 1_000))

    class Poisoned(nn.Module):
        def loss(self, batch: Points) -> Tensor:
            loss = network.loss(batch)
            if next(calls) != at:
                return loss
            first = next(network.parameters())
            # the square root's slope at 0 is infinite: the loss is fine and the gradient is not
            return loss * math.nan if how == "loss" else loss + (first - first.detach()).abs().sum().sqrt()

    return Poisoned()


@pytest.mark.parametrize("how", ["loss", "gradient"])
def test_a_loss_that_is_not_finite_ends_with_the_last_good_weights(how: str) -> None:
    network, good = Line(), []
    loss_of = poisoned(network, 8, how).loss
    course = replace(COURSE, check_every=3)

    def quality() -> float:
        good.append(weights(network))
        return float(len(good))

    learned = learn(network, batches, loss_of, course, quality=quality)  # type: ignore[arg-type]
    assert (len(learned.steps), learned.best) == (7, 6)
    assert "at step 8; the weights of step 6 are kept; to get further lower the learning rate (0.05)" in learned.ending
    assert all(torch.equal(one, other) for one, other in zip(weights(network), good[-1], strict=True))


def test_a_bad_loss_before_any_check_is_an_error(tmp_path: Path) -> None:
    network = Line()
    with pytest.raises(InputError, match=r"became nan at step 5; lower the learning rate \(0.05\)"):
        learn(network, batches, poisoned(network, 5, "loss").loss, COURSE, folder=tmp_path)  # type: ignore[arg-type]
    again = Line()
    assert learn(again, batches, again.loss, COURSE, folder=tmp_path).resumed_from == 3


def test_frozen_weights_stay_as_they_are() -> None:
    network = Line()
    network.layers[0].requires_grad_(False)
    before = weights(network)
    learn(network, batches, network.loss, COURSE)
    same = [torch.equal(one, other) for one, other in zip(before, weights(network), strict=True)]
    assert same == [True, True, False, False]


def test_a_network_without_weights_to_learn_is_refused() -> None:
    network = Line().requires_grad_(False)
    with pytest.raises(InputError, match="every weight of the network is frozen"):
        learn(network, batches, network.loss, COURSE)


def test_a_checkpoint_of_another_network_or_course_is_refused(tmp_path: Path) -> None:
    network, other = Line(), Line()
    learn(network, batches, network.loss, COURSE, folder=tmp_path)
    with pytest.raises(InputError, match=r"made with learning_rate=0.05, now it is 0.1; use the same value"):
        learn(other, batches, other.loss, replace(COURSE, learning_rate=0.1), folder=tmp_path)
    other.layers[0] = nn.Linear(2, 8, bias=False)
    with pytest.raises(InputError, match=r"of another network: layers.0.bias differ"):
        learn(other, batches, other.loss, COURSE, folder=tmp_path)


def test_nothing_to_learn_from_is_an_error() -> None:
    network = Line()
    with pytest.raises(InputError, match="nothing to learn from"):
        learn(network, lambda epoch: [], network.loss, COURSE)


def test_bfloat16_learns_too() -> None:
    network = Line()
    learned = learn(network, batches, network.loss, replace(COURSE, steps=100, precision="bfloat16"))
    assert losses(learned)[0] > 2 * losses(learned)[-1]
    assert all(weight.dtype == torch.float32 for weight in network.parameters())


@pytest.mark.skipif(torch.cuda.is_available(), reason="a graphics card can compute with float16")
def test_float16_needs_a_graphics_card() -> None:
    network = Line()
    with pytest.raises(InputError, match="there is no graphics card"):
        learn(network, batches, network.loss, replace(COURSE, precision="float16"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"learning_rate": 0.0},
        {"learning_rate": math.nan},
        {"warmup": 1.5},
        {"patience": 0},
        {"budget_s": 0.0},
        {"save_every": -1},
        {"weight_decay": -1.0},
    ],
)
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(wrong))}="):
        replace(COURSE, **wrong)  # type: ignore[arg-type]
