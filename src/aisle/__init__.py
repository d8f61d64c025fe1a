"""Search and recommendations for a shop, on pre-trained models.

shop = aisle.open("SHOP")
for hit in shop.search("usb c cable", k=10, filters="price < 20").hits:
    print(hit.rank, hit.item.title)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aisle.errors import AisleError
    from aisle.shop import Shop, init, restore
    from aisle.shop import open_shop as open
    from aisle.types import Event, Item, Judgment

__all__ = ["AisleError", "Event", "Item", "Judgment", "Shop", "init", "open", "restore"]

_HOMES = {
    "AisleError": ("aisle.errors", "AisleError"),
    "Event": ("aisle.types", "Event"),
    "Item": ("aisle.types", "Item"),
    "Judgment": ("aisle.types", "Judgment"),
    "Shop": ("aisle.shop", "Shop"),
    "init": ("aisle.shop", "init"),
    "open": ("aisle.shop", "open_shop"),
    "restore": ("aisle.shop", "restore"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: `aisle --help` waits for no index and no model."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value
