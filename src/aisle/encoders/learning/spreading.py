"""A network over several processes: whole in each (DDP), or in parts (FSDP), and whole again at the end."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grad_norm_, get_total_norm

from aisle.encoders.learning.distributed import is_first, n_processes

B = TypeVar("B")


@contextmanager
def spread(
    network: nn.Module, loss_of: Callable[[B], Tensor], where: torch.device, *, shard: bool
) -> Iterator[Callable[[B], Tensor]]:
    """For the block, `loss_of` whose gradients are those of all processes; with `shard` each holds a part of `network`.

    With one process it is `loss_of` itself.
    """
    network.to(where)
    if n_processes() == 1:
        yield loss_of
    elif shard:
        with sharded(network, where):
            yield loss_of
    else:
        yield in_step(network, loss_of)


class Lesson(nn.Module):
    """A loss with its network: DDP must see the call of what it watches over."""

    def __init__(self, network: nn.Module, loss_of: Callable[[B], Tensor]) -> None:
        super().__init__()
        self.network = network
        self.loss_of = loss_of

    def forward(self, batch: Any) -> Tensor:
        """The loss of a batch."""
        return self.loss_of(batch)


def in_step(network: nn.Module, loss_of: Callable[[B], Tensor]) -> Callable[[B], Tensor]:
    """`loss_of`, such that its gradients are averaged over the processes; the weights begin as in the first.

    PyTorch DDP (Li et al. 2020), whose all-reduce of a part of the gradients runs while others are computed.
    """
    lesson = Lesson(network, loss_of)
    # a network may have weights that a loss leaves alone, such as the pooler of BERT
    return DistributedDataParallel(lesson, find_unused_parameters=True)


@contextmanager
def sharded(network: nn.Module, where: torch.device) -> Iterator[None]:
    """For the block, each process holds only its part of the weights of `network`, their gradients and moments.

    Fully sharded data parallel (Zhao et al. 2023; Rajbhandari et al. 2020, ZeRO stage 3): a layer is put together
    when it is used and taken apart again. What the outermost Hugging Face models in `network` hold is parted, or else
    `network` itself; weights around them stay whole. The weights begin as in the first process. Afterwards every
    process has the whole network, and nothing on it tells of the parting.
    """
    from torch.distributed.device_mesh import init_device_mesh  # noqa: PLC0415  seconds to import, all of them
    from torch.distributed.fsdp import fully_shard  # noqa: PLC0415

    for weight in network.parameters():
        dist.broadcast(weight.detach(), 0)
    mesh = init_device_mesh(where.type, (n_processes(),))
    plain = [(part, type(part), _hooks(part)) for part in network.modules()]
    for model in _models(network):
        for layer in _layers(model):
            fully_shard(layer, mesh=mesh)
        fully_shard(model, mesh=mesh)
    try:
        yield
    finally:
        for part, kind, hooks in plain:
            part.__class__ = kind
            vars(part).update(hooks)
    _make_whole(network)


def whole(value: Any) -> Any:
    """`value` with every parted tensor in it whole, on the processor of the first process: a tensor, dict or list.

    All processes must call it; what the others get is not to be used.
    """
    if is_part(value):
        full: Tensor = value.full_tensor()
        return full.cpu() if is_first() else None
    if isinstance(value, dict):
        return {name: whole(part) for name, part in value.items()}
    return [whole(part) for part in value] if isinstance(value, list) else value


def parted_like(value: Any, model: Any) -> Any:
    """`value`, whole in every process, parted as `model` is, where that is parted and of the same shape."""
    if not is_part(model) or not isinstance(value, Tensor) or value.shape != model.shape:
        return value
    from torch.distributed.tensor import distribute_tensor  # noqa: PLC0415  seconds to import

    return distribute_tensor(value.to(model.device), model.device_mesh, model.placements)


def parted_moments(optimizer: torch.optim.Optimizer, state: Mapping[str, Any]) -> dict[str, Any]:
    """The `state` of `optimizer`, whole in every process, parted as its weights are."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    moments = {
        number: {name: parted_like(value, weights[number]) for name, value in of_weight.items()}
        for number, of_weight in state["state"].items()
    }
    return {**state, "state": moments}


def clipped(weights: list[nn.Parameter], max_norm: float) -> float:
    """The length of the gradients of `weights` before they were cut to `max_norm`; parts count as the whole."""
    grads = [weight.grad for weight in weights if weight.grad is not None]
    parts: list[Any] = [grad for grad in grads if is_part(grad)]
    if not parts:
        return float(clip_grad_norm_(weights, max_norm))
    of_parts: Any = get_total_norm(parts)
    of_others = get_total_norm([grad for grad in grads if not is_part(grad)])
    length = math.hypot(float(of_parts.full_tensor()), float(of_others))
    factor = min(1.0, max_norm / (length + 1e-6))
    for grad in grads:
        grad.mul_(factor)
    return length


def is_part(value: Any) -> bool:
    """Whether `value` is a tensor of which each process holds a part."""
    return isinstance(value, Tensor) and hasattr(value, "full_tensor")


def _models(network: nn.Module) -> list[nn.Module]:
    from transformers import PreTrainedModel  # noqa: PLC0415  seconds to import, which other networks need not wait for

    models = [part for part in network.modules() if isinstance(part, PreTrainedModel)]
    inside = {id(part) for model in models for part in model.modules() if part is not model}
    return [model for model in models if id(model) not in inside] or [network]


def _layers(model: nn.Module) -> list[nn.Module]:
    """The longest list of parts in `model`: its layers."""
    return list(max((part for part in model.modules() if isinstance(part, nn.ModuleList)), key=len, default=[]))


def _hooks(part: nn.Module) -> dict[str, Any]:
    """What is to be called when `part` is used, loaded or saved, as it is now."""
    return {name: value.copy() for name, value in vars(part).items() if "_hooks" in name and isinstance(value, dict)}


def _make_whole(network: nn.Module) -> None:
    made: dict[int, nn.Parameter] = {}
    weight: Any
    for part in network.modules():
        for name, weight in part.named_parameters(recurse=False, remove_duplicate=False):
            if is_part(weight):
                if id(weight) not in made:
                    made[id(weight)] = nn.Parameter(weight.full_tensor().detach(), weight.requires_grad)
                setattr(part, name, made[id(weight)])
