"""Here is a shop: let a person walk in, look around and buy, in English or Chinese."""

from aisle.storefront.pages import storefront_router

__all__ = ["storefront_router"]
