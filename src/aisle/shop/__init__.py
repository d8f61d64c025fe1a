"""Everything that can be asked of a shop."""

from aisle.shop.shop import Shop, init, open_shop, restore

__all__ = ["Shop", "init", "open_shop", "restore"]
