"""Is there a shop to play with, whose hidden truth is known?"""

from aisle.sample_shop.chronicle import to_events
from aisle.sample_shop.pictures import draw_picture
from aisle.sample_shop.shop import SampleShop, generate
from aisle.sample_shop.truth import Truth
from aisle.sample_shop.write import write

__all__ = ["SampleShop", "Truth", "draw_picture", "generate", "to_events", "write"]
