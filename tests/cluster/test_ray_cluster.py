"""Work on a cluster of two nodes gives what it gives here, also when a node is killed in the middle."""

import os
import time
from typing import Any

import numpy as np
import pytest

from aisle.cluster import placed
from aisle.errors import InputError, MissingExtraError

# What is sent to a cluster is a function of a module that it can import, or lies whole in the parcel as these do.


def twice(by: Any, number: int, tell: Any) -> Any:
    tell("halfway", 1, 2)
    by += 1  # of one's own: arrays in shared memory could not be written to
    answer = by[:3] * number
    by -= 1  # the next call on this machine is given the same
    return answer


def refuse(number: int, tell: Any) -> None:
    raise (InputError(f"{number} is refused") if number < 2 else MissingExtraError("a thing", "more"))


def where(_: int, tell: Any) -> str:
    import ray  # noqa: PLC0415  on the cluster

    time.sleep(0.3)
    return str(ray.get_runtime_context().get_node_id())


def die_once(mark: str, tell: Any) -> str:
    if not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(1)
    return "done"


def test_work_is_done_elsewhere_with_arrays_of_its_own(address: str) -> None:
    heard: list[Any] = []
    with placed(address) as place:
        work = place.sent(twice, np.ones(100_000))
        deadline = time.monotonic() + 60
        while not heard and time.monotonic() < deadline:  # who keeps what is told may still be starting
            found = work(2, hear=lambda *told: heard.append(told))
        assert place.each(lambda number: float(work(number)[0]) % number, [1, 2]) == [0.0, 0.0]
    assert found.tolist() == [4.0] * 3
    found += 1
    assert heard == [("halfway", 1, 2)]


def test_errors_come_back_as_they_are(address: str) -> None:
    with placed(address) as place:
        with pytest.raises(InputError, match=r"^1 is refused$"):
            place.run(refuse, 1)
        with pytest.raises(MissingExtraError, match=r"a thing needs packages .*aisle\[more\]"):
            place.run(refuse, 2)


def test_both_nodes_work(address: str) -> None:
    with placed(address) as place:
        assert place.n_at_once == 4
        assert len(set(place.each(place.sent(where), range(4)))) == 2


def test_work_whose_process_dies_is_done_again(address: str, tmp_path: Any) -> None:
    with placed(address) as place:
        assert place.run(die_once, str(tmp_path / "mark")) == "done"
