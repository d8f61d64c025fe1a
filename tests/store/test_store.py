from collections.abc import Callable
from functools import partial

import pytest

from aisle.store import Store, open_store
from aisle.testing.store import StoreConformance


class TestStore(StoreConformance):
    @pytest.fixture
    def open_store(self, store_url: str) -> Callable[[], Store]:
        return partial(open_store, store_url)
