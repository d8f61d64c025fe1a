"""Two processes of the cluster learn together as torch.distributed does."""

from typing import Any

import pytest

from aisle.cluster import placed
from aisle.errors import InputError


def summed(given: float, tell: Any) -> tuple[int, float]:
    import torch  # noqa: PLC0415  on the cluster
    import torch.distributed as dist  # noqa: PLC0415

    found = torch.tensor([given * (dist.get_rank() + 1)])
    dist.all_reduce(found)
    tell("learn", dist.get_rank(), dist.get_world_size())
    return dist.get_world_size(), float(found)


def refuse(tell: Any) -> None:
    raise InputError("there is nothing to learn from")


@pytest.mark.slow  # Ray Train starts six processes
def test_two_processes_answer_together(address: str) -> None:
    told: list[Any] = []
    with placed(address) as place:
        assert place.run(summed, 1.5, n_processes=2, hear=lambda *one: told.append(one)) == (2, 4.5)
        with pytest.raises(InputError, match="nothing to learn from"):
            place.run(refuse, n_processes=2)
    assert told == [("learn", 0, 2)]
