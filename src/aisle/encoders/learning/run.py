"""A network while it learns: its optimiser, how far it is, and its best weights."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.learning.course import Course, Step
from aisle.encoders.learning.devices import computed_with, device, mixed, moved
from aisle.encoders.learning.distributed import agreed, rank
from aisle.encoders.learning.spreading import clipped, parted_like, parted_moments, whole
from aisle.errors import InputError

B = TypeVar("B")
FREE = ("budget_s", "save_every", "patience", "shard")
"""What may be another in the run that goes on: it changes when learning ends, not what is learned."""


class Run:
    """The state of a network that learns by `course`; all of it goes into a checkpoint and comes back."""

    def __init__(self, network: nn.Module, course: Course) -> None:
        self.network, self.course, self.where = network, course, device()
        seed_everything(course.seed)
        torch.manual_seed(course.seed + rank())  # each process drops out other values
        self.dtype = computed_with(course.precision, self.where)
        self.weights = [weight for weight in network.parameters() if weight.requires_grad]
        if not self.weights:
            raise InputError("every weight of the network is frozen; expected some with requires_grad")
        self.optimizer = _optimizer(self.weights, course)
        self.scaler = torch.amp.GradScaler(self.where.type, enabled=self.dtype == torch.float16)
        self.steps: list[Step] = []
        self.epoch = self.place = 0
        self.best, self.best_quality, self.n_worse = 0, -math.inf, 0
        self.kept: dict[str, Tensor] | None = None
        self.elapsed_s = 0.0
        """Seconds of learning at the last `tick`, by the clock of the first process."""
        self._began = time.perf_counter()

    @property
    def number(self) -> int:
        """Steps taken."""
        return len(self.steps)

    def tick(self) -> None:
        """Look at the clock: whatever depends on it until the next look is decided alike in all processes."""
        self.elapsed_s = agreed(time.perf_counter() - self._began)

    def ending(self) -> str:
        """Why learning ends now; "" when it goes on."""
        if self.number >= self.course.steps:
            return f"all {self.course.steps} steps done"
        if self.n_worse >= self.course.patience:
            return f"no better than step {self.best} for {self.n_worse} checks"
        if self.elapsed_s > self.course.budget_s:
            return f"the budget of {self.course.budget_s:g} s was used up at step {self.number}"
        return ""

    def step(self, batch: B, loss_of: Callable[[B], Tensor]) -> float:
        """Take one step down the loss of `batch` and return it.

        A loss, or a gradient, that is not finite changes nothing, and nan or inf is returned.
        """
        self.network.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.course.rate(self.number + 1)
        with mixed(self.dtype, self.where):
            loss = loss_of(moved(batch, self.where))
        value = agreed(float(loss.detach()))
        if not math.isfinite(value):
            return value
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.unscale_(self.optimizer)
        length = agreed(clipped(self.weights, self.course.max_norm))
        if not math.isfinite(length) and not self.scaler.is_enabled():  # the scaler leaves such a step out by itself
            return length
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return value

    def check(self, quality: Callable[[], float] | None) -> float | None:
        """What the network is worth now; its weights are kept when it is the best so far, or nobody can tell."""
        self.network.eval()
        found = None
        if quality:
            with torch.no_grad():
                found = agreed(float(quality()))
        self.n_worse += 1
        if found is None or found > self.best_quality:
            self.best, self.n_worse, self.kept = self.number, 0, learned_weights(self.network)
            self.best_quality = -math.inf if found is None else found
        return found

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on exactly, but for the generators: tensors and plain values.

        All processes must ask for it; it is whole in the first.
        """
        rows = [[one.loss, math.nan if one.quality is None else one.quality, one.elapsed_s] for one in self.steps]
        return {
            "course": asdict(self.course),
            "weights": whole(learned_weights(self.network)),
            "optimizer": whole(self.optimizer.state_dict()),
            "scaler": self.scaler.state_dict(),
            "steps": torch.tensor(rows, dtype=torch.float64),
            "place": (self.epoch, self.place),
            "best": (self.best, self.best_quality, self.n_worse),
            "kept": whole(self.kept),
            "elapsed_s": self.elapsed_s,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Be where `state` was taken, but for the generators. Raises InputError when it is another network's."""
        self._check_same(state["course"])
        load_weights(self.network, state["weights"])
        self.optimizer.load_state_dict(parted_moments(self.optimizer, state["optimizer"]))
        self.scaler.load_state_dict(state["scaler"])
        self.steps = [
            Step(number, loss, None if math.isnan(quality) else quality, self.course.rate(number), elapsed)
            for number, (loss, quality, elapsed) in enumerate(state["steps"].tolist(), 1)
        ]
        self.epoch, self.place = state["place"]
        self.best, self.best_quality, self.n_worse = state["best"]
        self.kept = state["kept"] and _parted(self.network, state["kept"])
        self.elapsed_s = state["elapsed_s"]
        self._began = time.perf_counter() - self.elapsed_s

    def _check_same(self, course: dict[str, Any]) -> None:
        now = asdict(self.course)
        for name, value in course.items():
            if name not in FREE and now[name] != value:
                raise InputError(
                    f"the checkpoint was made with {name}={value}, now it is {now[name]}; "
                    "use the same value to go on, or delete the checkpoint to start over"
                )


def learned_weights(network: nn.Module) -> dict[str, Tensor]:
    """A copy of the weights that learn, and of the buffers: what is frozen is as it was."""
    frozen = {name for name, weight in network.named_parameters(remove_duplicate=False) if not weight.requires_grad}
    return {name: value.detach().clone() for name, value in network.state_dict().items() if name not in frozen}


def load_weights(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Put back what `learned_weights` copied. Raises InputError when it is of another network."""
    expected = learned_weights(network)
    wrong = sorted(expected.keys() ^ weights.keys()) or [
        name for name in expected if expected[name].shape != weights[name].shape
    ]
    if wrong:
        raise InputError(
            f"the checkpoint is of another network: {', '.join(wrong[:3])} differ; "
            "learn with the same model and method to go on, or delete the checkpoint to start over"
        )
    network.load_state_dict(_parted(network, weights), strict=False)


def _parted(network: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    models = network.state_dict()
    return {name: parted_like(value, models.get(name)) for name, value in weights.items()}


def _optimizer(weights: list[nn.Parameter], course: Course) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019), beta2 = 0.98 as RoBERTa; biases and gains of layer norms do not shrink."""
    groups = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": course.weight_decay},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=course.learning_rate, betas=(0.9, 0.98), fused=True
    )
