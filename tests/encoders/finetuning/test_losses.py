import math

import pytest
import torch
from torch import Tensor

from aisle.encoders.finetuning import losses

ONE = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
NONE_KNOWN = torch.zeros(2, 2, dtype=torch.bool)


def test_contrastive_by_hand() -> None:
    # cosines 1 and 0 for both queries, at temperature 1: -log(e / (e + 1))
    expected = math.log(1 + math.exp(-1))
    assert losses.contrastive(ONE, ONE, NONE_KNOWN, temperature=1.0).item() == pytest.approx(expected)
    assert losses.contrastive(ONE, ONE, NONE_KNOWN, temperature=0.5).item() == pytest.approx(math.log(1 + math.exp(-2)))


def test_contrastive_leaves_other_right_answers_out_and_never_its_own() -> None:
    known = torch.tensor([[True, True], [False, False]])
    only_second = math.log(1 + math.exp(-1)) / 2  # the first query is left with its own item alone
    assert losses.contrastive(ONE, ONE, known, temperature=1.0).item() == pytest.approx(only_second)


def test_contrastive_weighs_by_grade_and_takes_more_negatives() -> None:
    items = torch.cat([ONE, ONE[1:]])  # one more negative, like the second item
    known = torch.zeros(2, 3, dtype=torch.bool)
    first, second = math.log(1 + 2 * math.exp(-1)), math.log(2 + math.exp(-1))
    weighed = losses.contrastive(ONE, items, known, torch.tensor([1.0, 0.5]), temperature=1.0)
    assert weighed.item() == pytest.approx((first + second / 2) / 1.5)


def test_soft_contrastive_by_hand() -> None:
    even = torch.zeros(2, 2)
    # half and half is to be said; cosines 1 and 0 give e / (e + 1) and 1 / (e + 1)
    expected = math.log(1 + math.exp(1)) - 0.5
    assert losses.soft_contrastive(ONE, ONE, even, temperature=1.0).item() == pytest.approx(expected)
    sure = losses.soft_contrastive(ONE, ONE, ONE, temperature=1.0, label_temperature=0.001)
    assert sure.item() == pytest.approx(losses.contrastive(ONE, ONE, NONE_KNOWN, temperature=1.0).item())


def test_matryoshka_is_the_mean_over_the_dimensions() -> None:
    generator = torch.Generator().manual_seed(0)
    queries, items = (torch.nn.functional.normalize(torch.randn(3, 4, generator=generator), dim=1) for _ in range(2))
    known, weights = torch.zeros(3, 3, dtype=torch.bool), torch.ones(3)

    def cut(vectors: Tensor) -> Tensor:
        return torch.nn.functional.normalize(vectors[:, :2], dim=1)

    whole = losses.contrastive(queries, items, known, weights, 0.1)
    short = losses.contrastive(cut(queries), cut(items), known, weights, 0.1)
    found = losses.matryoshka(queries, items, known, weights, 0.1, (2, 4, 8))
    assert found.item() == pytest.approx(((whole + short) / 2).item(), rel=1e-5)


def test_graded_bce_by_hand() -> None:
    found = losses.graded_bce(torch.tensor([0.5]), torch.tensor([0.25]), torch.tensor(2.0), torch.tensor(-1.0))
    assert found.item() == pytest.approx(math.log(2))  # a logit of 0 whatever the grade


def test_cosent_by_hand_and_without_an_order() -> None:
    cosines, grades = torch.tensor([0.2, 0.5, 0.9]), torch.tensor([1.0, 0.0, 1.0])
    expected = math.log(1 + math.exp(2 * 0.3) + math.exp(-2 * 0.4))  # pairs (1, 2) and (3, 2)
    assert losses.cosent(cosines, grades, scale=2.0).item() == pytest.approx(expected, rel=1e-5)
    assert losses.cosent(cosines, torch.ones(3)).item() == 0


def test_margin_mse_by_hand() -> None:
    found = losses.margin_mse(torch.tensor([0.9, 0.5]), torch.tensor([0.1, 0.5]), torch.tensor([0.5, 0.2]))
    assert found.item() == pytest.approx((0.3**2 + 0.2**2) / 2, rel=1e-5)
