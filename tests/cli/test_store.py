from collections.abc import Callable
from pathlib import Path
from typing import Any

from aisle.settings import use_setting


def test_old_events_are_dropped_when_it_is_asked_for(run_aisle: Callable[..., Any], own_shop: Path) -> None:
    refused = run_aisle("store", "prune", "--shop", own_shop)
    assert refused.status == 2
    assert "set store.keep_days in aisle.toml" in refused.err
    kept = run_aisle("store", "prune", "--shop", own_shop, "--keep-days", 36_500, "--json").document
    assert (kept["n_events"], kept["months"]) == (0, [])
    use_setting(own_shop, "store.keep_days", 1)
    dropped = run_aisle("store", "prune", "--shop", own_shop)
    assert dropped.status == 0
    assert dropped.err.startswith("Dropped ")
    assert run_aisle("store", "prune", "--shop", own_shop, "--json").document["n_events"] == 0
