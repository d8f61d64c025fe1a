"""One loop for every model that learns in epochs: AdamW, warm-up, early stopping, a budget, and no silent NaN."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from aisle.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor, nn

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Course:
    """How to learn. Raises InputError when a value is out of range."""

    epochs: int = 100
    """Most passes over the data."""
    patience: int = 5
    """Stop after this many epochs without a better result on the holdout."""
    budget_s: float = math.inf
    """Stop when this many seconds are used up, even in the middle of an epoch."""
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    """Decoupled (AdamW): each step shrinks matrices by learning_rate * weight_decay."""
    warmup_steps: int = 100
    """Steps in which the learning rate grows from 0."""
    max_norm: float = 5.0
    """Longer gradients are cut to this length."""
    averaging: float = 0.0
    """Weights served are a moving average: this share of the old is kept a step; 0 takes the newest."""

    def __post_init__(self) -> None:
        if min(self.epochs, self.patience) < 1 or not self.budget_s > 0 or not self.learning_rate > 0:
            raise InputError(
                f"epochs={self.epochs}, patience={self.patience}, budget_s={self.budget_s}, "
                f"learning_rate={self.learning_rate}; expected at least 1, at least 1, more than 0 and more than 0"
            )
        if not 0 <= self.averaging < 1 or self.weight_decay < 0 or self.warmup_steps < 0:
            raise InputError(
                f"averaging={self.averaging}, weight_decay={self.weight_decay}, warmup_steps={self.warmup_steps}; "
                "expected 0 <= averaging < 1 and the others at least 0"
            )


@dataclass(frozen=True, slots=True)
class Epoch:
    """How one epoch went."""

    number: int
    """From 1."""
    loss: float
    """Mean over the steps of the epoch."""
    quality: float | None
    """NDCG@10 on the holdout; None without one."""
    elapsed_s: float
    """Since learning began."""


Progress = Callable[[Epoch], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """How learning went."""

    epochs: tuple[Epoch, ...]
    best: int
    """The epoch whose weights are kept; 0 when the budget did not last for one."""
    ending: str
    """Why it ended."""


def learn(
    network: "nn.Module",
    batches: Callable[[], Iterable[B]],
    loss_of: Callable[[B], "Tensor"],
    course: Course,
    quality: Callable[[], float] | None = None,
    progress: Progress | None = None,
) -> Learned:
    """Teach `network` until it gets no better, and leave it with its best weights, in evaluation mode.

    `batches()` is asked once an epoch, `loss_of(batch)` is the mean loss of one, `quality()` what the
    network is worth now (higher is better). Without `quality` the last whole epoch is the best.
    A loss that is not finite ends the course with the last good weights; raises InputError when
    there are none, because it happened in the first epoch.

    In several processes (see `encoders.learning.distributed`) all call it alike and find the same loss and the same
    quality; a network holds rows of its own as `shards.Shard`, and every other weight gets the same gradient in all.
    The first alone tells `progress`, and its clock counts.
    """
    from aisle.encoders.learning.distributed import agreed, is_first  # noqa: PLC0415  imports PyTorch

    began = time.perf_counter()
    stepper = _Stepper(network, course)
    told: list[Epoch] = []
    best, best_quality, kept, ending = 0, -math.inf, stepper.served(), f"all {course.epochs} epochs done"
    for number in range(1, course.epochs + 1):
        network.train()
        losses: list[float] = []
        spent = False
        for batch in batches():
            losses.append(stepper.step(loss_of(batch)))
            spent = agreed(time.perf_counter() - began) > course.budget_s
            if spent or not math.isfinite(losses[-1]):
                break
        if losses and not math.isfinite(losses[-1]):
            if not best:
                raise InputError(
                    f"the loss became {losses[-1]} in epoch 1 at a learning rate of {course.learning_rate}; "
                    "lower learning_rate, or look for extreme values in the features"
                )
            ending = f"the loss became {losses[-1]} in epoch {number}; the weights of epoch {best} are kept"
            break
        with stepper.serving():
            found = quality() if quality else None
            told.append(Epoch(number, sum(losses) / max(1, len(losses)), found, time.perf_counter() - began))
            if found is None or found > best_quality:
                best, best_quality, kept = number, found or 0.0, stepper.served()
        if progress and is_first():
            progress(told[-1])
        if spent:
            ending = f"the budget of {course.budget_s:g} s was used up in epoch {number}"
            break
        if number - best >= course.patience:
            ending = f"no better than epoch {best} for {course.patience} epochs"
            break
    network.load_state_dict(kept)
    network.eval()
    return Learned(tuple(told), best, ending)


class _Stepper:
    """The optimiser of a network, and the moving average of its weights."""

    def __init__(self, network: "nn.Module", course: Course) -> None:
        from torch.optim import AdamW  # noqa: PLC0415  seconds to import, and only needed to learn

        self.network, self.course, self.n_steps = network, course, 0
        named = [(name, weight) for name, weight in network.named_parameters() if weight.requires_grad]
        shrunk = [weight for name, weight in named if weight.ndim > 1]
        free = [weight for name, weight in named if weight.ndim <= 1]
        groups = [{"params": shrunk, "weight_decay": course.weight_decay}, {"params": free, "weight_decay": 0.0}]
        self.weights = shrunk + free
        self.averages = [weight.detach().clone() for weight in self.weights] if course.averaging else []
        self.optimizer = AdamW(groups, lr=course.learning_rate, betas=(0.9, 0.98), fused=True)

    def step(self, loss: "Tensor") -> float:
        """Take one step down `loss` and return it; a loss that is not finite changes nothing."""
        from aisle.recommenders.shards import clip_gradients  # noqa: PLC0415

        value = float(loss.detach())
        if not math.isfinite(value):
            return value
        self.n_steps += 1
        rate = self.course.learning_rate * min(1.0, self.n_steps / max(1, self.course.warmup_steps))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_gradients(self.weights, self.course.max_norm)
        self.optimizer.step()
        self._average()
        return value

    def _average(self) -> None:
        import torch  # noqa: PLC0415

        if self.averages:
            # a young average would remember the random start: let it forget faster
            kept = min(self.course.averaging, (1 + self.n_steps) / (10 + self.n_steps))
            with torch.no_grad():
                torch._foreach_lerp_(self.averages, [weight.detach() for weight in self.weights], 1 - kept)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The network in evaluation mode, with its averaged weights where there are any."""
        import torch  # noqa: PLC0415

        self.network.eval()
        newest = [weight.detach().clone() for weight in self.weights] if self.averages else []
        _fill(self.weights, self.averages)
        with torch.no_grad():
            yield
        _fill(self.weights, newest)

    def served(self) -> dict[str, "Tensor"]:
        """A copy of the network's weights as they are now."""
        return {name: tensor.detach().clone() for name, tensor in self.network.state_dict().items()}


def _fill(weights: list["nn.Parameter"], values: list["Tensor"]) -> None:
    for weight, value in zip(weights, values, strict=False):
        weight.data.copy_(value)
