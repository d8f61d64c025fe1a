import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.graph import export, open_graph


class Twice(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2


class Restless(nn.Module):
    """Gives another answer every time."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand(1)


EXAMPLE = {"x": torch.arange(6.0).reshape(2, 3)}


def test_a_graph_answers_like_the_network_at_any_size() -> None:
    session = open_graph(export(Twice(), EXAMPLE, {"x": {0: "n", 1: "length"}, "y": {0: "n", 1: "length"}}, "y"))
    (found,) = session.run(["y"], {"x": np.ones((4, 1), np.float32)})
    assert found.tolist() == [[2]] * 4


def test_a_graph_that_differs_from_its_network_is_refused() -> None:
    with pytest.raises(InputError, match="the exported graph differs from the network by"):
        export(Restless(), EXAMPLE, {}, "y")


def test_bytes_that_are_no_graph_are_a_release_error() -> None:
    with pytest.raises(ReleaseError, match="cannot be opened"):
        open_graph(np.arange(10, dtype=np.uint8))
