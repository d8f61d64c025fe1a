"""Where tensors live, and how many bits they are computed with."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch

from aisle.encoders.learning.course import Precision
from aisle.errors import InputError

Batch = TypeVar("Batch")


def device() -> torch.device:
    """The graphics card where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def moved(batch: Batch, where: torch.device) -> Batch:
    """`batch` with every tensor in it on the device `where`: a tensor, or a dict, dataclass, list or tuple of such."""
    return _moved(batch, where)  # type: ignore[no-any-return]


def _moved(value: Any, where: torch.device) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(where, non_blocking=True)
    if isinstance(value, dict):
        return {name: _moved(part, where) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_moved(part, where) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _moved(getattr(value, part.name), where) for part in fields(value)})
    return value


def computed_with(precision: Precision, where: torch.device) -> torch.dtype:
    """The type that matrix products are computed with on `where`.

    "auto" is bfloat16 on a graphics card that can, float16 on another, float32 on the processor.
    Raises InputError for float16 on the processor, which has no use for it.
    """
    if precision == "auto":
        if where.type == "cpu":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if precision == "float16" and where.type == "cpu":
        raise InputError('precision="float16", but there is no graphics card; use "auto", "float32" or "bfloat16"')
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[precision]


def mixed(dtype: torch.dtype, where: torch.device) -> AbstractContextManager[Any]:
    """A block in which matrix products are computed with `dtype` and sums with float32 (Micikevicius et al. 2018)."""
    return nullcontext() if dtype == torch.float32 else torch.autocast(where.type, dtype)
