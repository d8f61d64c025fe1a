import pytest
import torch
from torch import Tensor
from torch.nn import functional

from aisle.recommenders import softmax
from aisle.recommenders.softmax import fast_type, softmax_loss


def losses(smoothing: float) -> tuple[list[Tensor], list[Tensor]]:
    """Loss and gradients: ours, and PyTorch's."""
    torch.manual_seed(0)
    hidden, table, bias = torch.randn(50, 8), torch.randn(30, 8), torch.randn(30)
    targets = torch.randint(30, (50,))
    found: list[list[Tensor]] = []
    for ours in (True, False):
        h, t = hidden.clone().requires_grad_(), table.clone().requires_grad_()
        if ours:
            loss = softmax_loss(h, t, targets, bias, smoothing)
        else:
            loss = functional.cross_entropy(h @ t.T + bias, targets, label_smoothing=smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        assert h.grad is not None
        assert t.grad is not None
        found.append([loss.detach(), h.grad, t.grad])
    return found[0], found[1]


@pytest.fixture(params=[torch.float32, torch.bfloat16])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.dtype:
    if request.param == torch.bfloat16 and fast_type() != torch.bfloat16:
        pytest.skip("the processor does not multiply bfloat16")
    monkeypatch.setattr(softmax, "fast_type", lambda: request.param)
    kind: torch.dtype = request.param
    return kind


@pytest.mark.parametrize("rows_at_once", [1, 7, 1_000])
def test_loss_and_gradients_are_those_of_cross_entropy(
    kind: torch.dtype, rows_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(softmax, "MAX_SCORES", rows_at_once * 30)
    close = 1e-5 if kind == torch.float32 else 2e-2
    for mine, theirs in zip(*losses(0.0), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=close, atol=close / 10)


def test_smoothing_gives_a_share_to_all_alike(kind: torch.dtype) -> None:
    close = 1e-5 if kind == torch.float32 else 2e-2
    (_, *mine), (_, *theirs) = losses(0.1)
    for gradient, expected in zip(mine, theirs, strict=True):
        torch.testing.assert_close(gradient, expected, rtol=close, atol=close / 10)


def test_a_score_that_is_not_a_number_makes_the_loss_one(kind: torch.dtype) -> None:
    hidden = torch.full((2, 8), torch.nan)
    assert not softmax_loss(hidden, torch.ones(30, 8), torch.zeros(2, dtype=torch.long), None, 0.0).isfinite()
