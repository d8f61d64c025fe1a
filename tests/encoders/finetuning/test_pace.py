import pytest
import torch
from torch import Tensor, nn

from aisle.encoders.finetuning import pace
from aisle.encoders.finetuning.recipe import Recipe


def course(recipe: Recipe, n_batches: int = 100) -> tuple[int, int]:
    """Steps, and steps between checks."""
    network = nn.Linear(1, 1)

    def loss_of(batch: Tensor) -> Tensor:
        return network(batch).mean()  # type: ignore[no-any-return]

    found = pace.paced_course(recipe, network, lambda _: [torch.ones(2, 1)] * 4, loss_of, n_batches, lambda: 0.5)
    return found.steps, found.check_every


def test_without_a_budget_nothing_is_timed() -> None:
    assert course(Recipe(epochs=2, checks=4)) == (200, 50)


@pytest.mark.parametrize(
    ("budget_s", "step_s", "check_s", "expected"),
    [
        # two checks of 10 seconds are within the fifth that checks may take, which leaves 85 for steps
        (105.5, 1.0, 10.0, (85, 43)),
        # checks cost next to nothing: all four are made
        (100.5, 1.0, 1e-6, (100, 25)),
        # all that the epochs ask for fits in
        (10_000.0, 1.0, 10.0, (200, 50)),
        # a check alone is more than the budget: one step, and one check
        (10.0, 1.0, 60.0, (1, 1)),
    ],
)
def test_a_budget_cuts_steps_and_checks(
    monkeypatch: pytest.MonkeyPatch, budget_s: float, step_s: float, check_s: float, expected: tuple[int, int]
) -> None:
    monkeypatch.setattr(pace, "seconds_of_a_step", lambda *_: step_s)
    monkeypatch.setattr(pace, "_seconds", lambda _: check_s)
    assert course(Recipe(epochs=2, checks=4, budget_s=budget_s)) == expected


def test_a_step_that_is_timed_changes_no_weight() -> None:
    network = nn.Linear(2, 1)
    before = network.weight.detach().clone()
    seconds = pace.seconds_of_a_step(network, lambda _: [torch.ones(3, 2)] * 2, lambda batch: network(batch).mean())
    assert seconds > 0
    assert torch.equal(network.weight, before)
    assert network.weight.grad is None
