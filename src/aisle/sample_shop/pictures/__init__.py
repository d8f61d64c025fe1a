"""What does this item of the sample shop look like?"""

from aisle.sample_shop.pictures.picture import draw_picture

__all__ = ["draw_picture"]
