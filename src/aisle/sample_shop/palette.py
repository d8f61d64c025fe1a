"""The fourteen colours of the shop, in both languages."""

from aisle.sample_shop.leaf import Attribute, Value

_PALETTE = {
    "black": "黑色",
    "white": "白色",
    "grey": "灰色",
    "silver": "银色",
    "navy": "藏青色",
    "blue": "蓝色",
    "green": "绿色",
    "red": "红色",
    "pink": "粉色",
    "orange": "橙色",
    "yellow": "黄色",
    "beige": "米色",
    "brown": "棕色",
    "purple": "紫色",
}

COLORS: tuple[Value, ...] = tuple(Value(en, zh) for en, zh in _PALETTE.items())


def colors(*names: str) -> Attribute:
    """The attribute "color" with the colours of these names, the most usual first."""
    return Attribute("color", tuple(Value(name, _PALETTE[name]) for name in names))
