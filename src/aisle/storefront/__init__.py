"""Here is a shop: let a person walk in, look around and buy, in English or Chinese."""

from aisle.storefront.pages import not_found_page, storefront_router

__all__ = ["not_found_page", "storefront_router"]
