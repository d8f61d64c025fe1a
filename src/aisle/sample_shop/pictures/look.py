"""How one item looks: its colours and its small differences from the others of its kind."""

from hashlib import blake2b

from aisle.sample_shop.pictures.drawing import Look
from aisle.sample_shop.pictures.palette import (
    ACCENTS,
    COLOURS,
    INK,
    PAPER,
    STEEL,
    VIVID,
    blend,
    distance,
    to_lab,
    tones,
)
from aisle.types import Item

N_NUMBERS = 8


def look_of(item: Item) -> Look:
    """The look of `item`: coloured by its attribute "color", shaped by the others, varied by its id.

    The variants of one product share a group id, and so their shape: they differ in colour alone.
    """
    numbers = numbers_from(item.group_id or item.item_id)
    main = colour_of(item, numbers[-1])
    accent = tones(accent_for(main, numbers[-2]))
    return Look(
        main=tones(main),
        accent=accent,
        trim=INK if distance(main, INK.base) > 0.22 else STEEL,
        label=PAPER.base if distance(main, PAPER.base) > 0.1 else blend(accent.base, PAPER.base, 0.65),
        numbers=numbers,
        words={name: value for name, value in item.attributes.items() if isinstance(value, str)},
    )


def numbers_from(item_id: str) -> tuple[float, ...]:
    """Eight numbers in [0, 1) that look random and never change for the same id."""
    digest = blake2b(item_id.encode(), digest_size=2 * N_NUMBERS).digest()
    return tuple(int.from_bytes(digest[i : i + 2]) / 65536 for i in range(0, 2 * N_NUMBERS, 2))


def colour_of(item: Item, number: float) -> str:
    """The hex of the item's colour; a vivid one, chosen by `number`, when it names none that we know."""
    name = str(item.attributes.get("color", "")).casefold()
    return COLOURS.get(name) or COLOURS[VIVID[int(number * len(VIVID))]]


def accent_for(main: str, number: float) -> str:
    """The hex of an accent, chosen by `number`, that differs from `main` in lightness too: equal ones flicker."""
    lightness = to_lab(main)[0]
    accents = [COLOURS[name] for name in ACCENTS]
    clear = [c for c in accents if distance(c, main) > 0.16 and abs(to_lab(c)[0] - lightness) > 0.09]
    return clear[int(number * len(clear))]
