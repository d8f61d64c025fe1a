"""A small sample shop, made once for all tests of the folder."""

import pytest

from aisle.sample_shop import SampleShop, generate


@pytest.fixture(scope="session")
def small_shop() -> SampleShop:
    """600 items, 400 users, 60 days."""
    return generate(seed=3, n_items=600, n_users=400, days=60)
