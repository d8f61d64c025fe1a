"""The invented brands of the sample shop, what they sell and how dear they are."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """A maker of things."""

    name: str
    zh: str
    tier: float
    """0 is the cheapest of its categories, 1 the dearest."""
    sells: tuple[str, ...]
    """English names of the departments, or of parts of them, that it is sold in."""


_ELECTRONICS, _HOME, _KITCHEN, _SPORTS = "Electronics", "Home & Living", "Kitchen", "Sports & Outdoors"
_FASHION, _BEAUTY, _TOYS, _STATIONERY = "Fashion", "Beauty", "Toys & Games", "Stationery"

BRANDS: tuple[Brand, ...] = (
    Brand("Sonavik", "声维", 0.85, (_ELECTRONICS,)),
    Brand("Kernholt", "科恩霍", 0.65, (_ELECTRONICS,)),
    Brand("Tivorra", "缇沃", 0.45, (_ELECTRONICS, _HOME)),
    Brand("Brixon Audio", "博声", 0.95, ("Audio",)),
    Brand("Pixelund", "派影", 0.75, ("Photo",)),
    Brand("Zentara", "森塔", 0.3, (_ELECTRONICS, _HOME)),
    Brand("Mobicel", "摩比赛", 0.1, (_ELECTRONICS,)),
    Brand("Voltane", "沃腾", 0.4, (_ELECTRONICS, _HOME)),
    Brand("Nimbari", "宁芭", 0.55, (_ELECTRONICS,)),
    Brand("Lumarqe", "露玛", 0.7, ("Lighting",)),
    Brand("Hyggevik", "许格", 0.6, (_HOME, _KITCHEN)),
    Brand("Casa Belmira", "贝米拉", 0.5, (_HOME, _KITCHEN)),
    Brand("Oakenfell", "橡谷", 0.8, (_HOME, _STATIONERY)),
    Brand("Softenna", "柔纳", 0.3, ("Soft Furnishings",)),
    Brand("Plainhaus", "简舍", 0.15, (_HOME, _KITCHEN, _STATIONERY)),
    Brand("Villa Torrane", "托兰", 0.92, (_HOME,)),
    Brand("Ferrondo", "费隆", 0.88, (_KITCHEN,)),
    Brand("Kocherlin", "蔻客", 0.68, (_KITCHEN,)),
    Brand("Brewsmith & Daughters", "布鲁坊", 0.6, ("Coffee & Tea",)),
    Brand("Terramor", "泰拉", 0.4, (_KITCHEN,)),
    Brand("Panuma", "潘玛", 0.25, (_KITCHEN,)),
    Brand("Nonna Pia", "皮娅奶奶", 0.35, ("Coffee & Tea",)),
    Brand("Hakumei", "白明", 0.82, ("Cookware", "Mugs")),
    Brand("Fjellstride", "峰迈", 0.75, (_SPORTS, _FASHION)),
    Brand("Alpenrausch", "阿尔峰", 0.9, (_SPORTS, _FASHION)),
    Brand("Corvanta", "科凡", 0.55, (_SPORTS, _FASHION)),
    Brand("Motivara", "动力沃", 0.4, (_SPORTS,)),
    Brand("Trailmoor", "野径", 0.5, (_SPORTS, _FASHION)),
    Brand("Enduro Nine", "九驰", 0.65, ("Running & Fitness", "Socks", "Water Bottles")),
    Brand("Gohike", "去徒步", 0.12, (_SPORTS, _FASHION)),
    Brand("Asanaya", "雅山", 0.6, ("Running & Fitness", "T-Shirts")),
    Brand("Marlowe & Finch", "马洛芬奇", 0.8, (_FASHION,)),
    Brand("Tinderly", "婷得丽", 0.35, (_FASHION,)),
    Brand("Urbanoak", "城橡", 0.5, (_FASHION,)),
    Brand("Basiq Wear", "贝西", 0.1, (_FASHION,)),
    Brand("Lindqvara", "林卡", 0.7, (_FASHION,)),
    Brand("Belle Orchard", "美果园", 0.45, (_BEAUTY,)),
    Brand("Dermavine", "德玛藤", 0.7, (_BEAUTY,)),
    Brand("Mirellune", "米蕊", 0.9, (_BEAUTY,)),
    Brand("Savonelle", "莎芙", 0.3, (_BEAUTY,)),
    Brand("Greenleaf Lab", "绿叶研", 0.55, (_BEAUTY,)),
    Brand("Pureday", "纯日", 0.12, (_BEAUTY,)),
    Brand("Botanika Nord", "北境植萃", 0.8, (_BEAUTY,)),
    Brand("Klikka", "咔嗒", 0.6, (_TOYS,)),
    Brand("Bumblebrook", "嗡嗡溪", 0.5, (_TOYS,)),
    Brand("Tumblewood", "木木朵", 0.75, (_TOYS,)),
    Brand("Funkado", "乐卡多", 0.15, (_TOYS,)),
    Brand("Pandoodle", "熊涂涂", 0.35, (_TOYS, _STATIONERY)),
    Brand("Noble Meeple", "贵族米宝", 0.85, ("Games", "Building Blocks")),
    Brand("Papeterie Lune", "月光纸社", 0.8, ("Paper",)),
    Brand("Inkwell & Sons", "墨井", 0.65, (_STATIONERY,)),
    Brand("Skrivelund", "思可丽", 0.5, ("Writing", "Desk Lamps")),
    Brand("Notabeen", "诺塔", 0.3, (_STATIONERY,)),
    Brand("Federhal", "羽哈", 0.92, (_STATIONERY,)),
)


def brands_of(path: Sequence[str]) -> tuple[int, ...]:
    """Positions in BRANDS of the brands that are sold under this category path of English names."""
    return tuple(position for position, brand in enumerate(BRANDS) if not set(path).isdisjoint(brand.sells))
