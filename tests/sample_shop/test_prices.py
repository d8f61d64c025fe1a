import pytest

from aisle.sample_shop.prices import price_of


def test_level_zero_is_near_the_cheapest_and_one_near_the_dearest() -> None:
    assert price_of(0.0, 1.0, (14.0, 399.0)) == 14.49
    assert price_of(1.0, 1.0, (14.0, 399.0)) == 399.0


@pytest.mark.parametrize("level", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("factor", [0.1, 1.0, 9.0])
@pytest.mark.parametrize("prices", [(3.0, 44.0), (14.0, 399.0), (69.0, 2499.0)])
def test_price_stays_in_range_and_ends_as_prices_end(level: float, factor: float, prices: tuple[float, float]) -> None:
    price = price_of(level, factor, prices)
    assert prices[0] <= price <= prices[1]
    assert f"{price:.2f}"[-2:] in {"49", "99", "90", "95"} or f"{price:.2f}"[-4:] == "9.00"


def test_dearer_factor_costs_more() -> None:
    assert price_of(0.5, 1.4, (14.0, 399.0)) > price_of(0.5, 1.0, (14.0, 399.0))
