import pytest
import torch

from aisle.recommenders.dropout import Dropout


def test_a_share_is_forgotten_and_the_mean_stays() -> None:
    torch.manual_seed(0)
    out = Dropout(0.25)(torch.ones(1_000, 101))
    assert float((out == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(out.mean()) == pytest.approx(1, abs=0.01)
    assert sorted(out.unique().tolist()) == pytest.approx([0, 4 / 3])


def test_gradients_flow_where_nothing_was_forgotten() -> None:
    torch.manual_seed(0)
    x = torch.ones(100, requires_grad=True)
    out = Dropout(0.5)(x)
    out.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, out.detach())


def test_serving_forgets_nothing() -> None:
    x = torch.ones(10)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x
