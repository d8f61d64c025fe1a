import numpy as np
import torch

from aisle.recommenders.pooling import Perceptron, Pool

PAST = torch.tril(torch.ones(2, 2, dtype=torch.bool))[None]


def test_without_learned_weights_it_is_the_mean_of_the_past() -> None:
    pool = Pool(dim=2, heads=1, length=2)
    torch.nn.init.zeros_(pool.worth.weight)
    found = pool(torch.tensor([[[1.0, 3.0], [2.0, 7.0]]]), PAST)
    assert found.tolist() == [[[1, 3], [1.5, 5]]]


def test_items_and_ages_are_weighed() -> None:
    # the older item is worth exp(log 3) of the newer, and its age counts 1 / 6: shares 1/3 and 2/3
    pool = Pool(dim=1, heads=1, length=2)
    with torch.no_grad():
        pool.worth.weight.fill_(np.log(3))
        pool.ages[:] = torch.tensor([0.0, -np.log(6)])
    found = pool(torch.tensor([[[1.0], [0.0]]]), PAST)
    np.testing.assert_allclose(found.detach().ravel(), [1, 1 / 3], rtol=1e-5)


def test_each_head_weighs_its_own_part() -> None:
    pool = Pool(dim=2, heads=2, length=2)
    with torch.no_grad():
        pool.worth.weight.zero_()
        pool.ages[0] = torch.tensor([0.0, -100.0])
    found = pool(torch.tensor([[[8.0, 8.0], [2.0, 2.0]]]), PAST)
    np.testing.assert_allclose(found.detach()[0, 1], [2, 5])


def test_a_place_that_may_look_at_nothing_is_finite() -> None:
    found = Pool(dim=2, heads=1, length=2)(torch.ones(1, 2, 2), torch.zeros(1, 2, 2, dtype=torch.bool))
    assert torch.isfinite(found).all()


def test_a_perceptron_adds_to_what_it_is_given() -> None:
    net = Perceptron(dim=4, dropout=0.0)
    torch.nn.init.zeros_(net.narrow.weight)
    torch.nn.init.zeros_(net.narrow.bias)
    x = torch.arange(8.0).reshape(1, 2, 4)
    assert torch.equal(net(x, PAST), x)
