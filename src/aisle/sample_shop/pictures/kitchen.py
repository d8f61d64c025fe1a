"""Pictures of pans and knives."""

from aisle.sample_shop.pictures.drawing import Look, box, fill, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import COLOURS, INK, LEAF, PAPER, STEEL, WOOD, Tones, tones

YOLK = "#f3b13c"


def frying_pan(look: Look) -> str:
    """A pan from above: for frying, for crêpes, with ridges, or a wok with two handles."""
    kind = look.named("type", 0, "frying pan", "wok", "crêpe pan", "grill pan")
    grip = WOOD if look.chance(3, 0.45) else look.trim
    size = look.between(1, 106, 116)
    rim = 8 if kind == "crêpe pan" else 15
    body = box(62, 66, 208, 208, 52) if kind == "grill pan" else oval(166, 170, size)
    floor = box(78, 82, 176, 176, 38) if kind == "grill pan" else oval(166, 170, size - rim)
    ear = line(oval(86, 90, 27), STEEL.dark, 13) if kind == "wok" else ""
    return (
        shadow(346, 150, x=240)
        + _pan_handle(grip, 154 + size)
        + ear
        + solid(body, look.main, 14)
        + fill(floor, look.main.deep)
        + solid(floor, INK, 6, _in_the_pan(look, kind))
    )


def _pan_handle(grip: Tones, start: int) -> str:
    return turned(
        45,
        solid(box(start, 156, 58, 28, 6), STEEL, 8),
        solid(box(start + 40, 150, 110, 40, 20), grip, 10),
        fill(oval(start + 130, 170, 8), grip.deep),
        x=166,
        y=170,
    )


def _in_the_pan(look: Look, kind: str) -> str:
    shine = line("M96 156Q108 112 150 98", INK.light, 9)
    grounds = {
        "frying pan": shine,
        "crêpe pan": shine,
        "wok": shine + fill(oval(166, 170, 56), INK.light),
        "grill pan": line("".join(f"M{x} 96V246" for x in range(100, 250, 22)), INK.dark, 9),
    }
    return grounds[kind] + (_meal(kind) if look.chance(2) else "")


def _meal(kind: str) -> str:
    egg = "M118 176Q112 132 150 130Q190 108 210 146Q240 176 206 204Q176 236 148 212Q120 206 118 176z"
    greens = "M130 176q14 -26 30 0M176 196q14 -26 30 0M150 150q14 -26 30 0"
    browned = line("M122 190q40 -30 84 -8M140 146q20 -14 46 -6", "#d9a05a", 8)
    grilled = line("M136 160l24 30M162 154l26 36M188 154l14 20", "#7a3d22", 8)
    return {
        "frying pan": fill(egg, PAPER.light) + fill(oval(170, 172, 27), YOLK) + fill(oval(162, 164, 8), "#ffd982"),
        "wok": line(greens, LEAF.base, 11) + fill(oval(188, 164, 12), "#e1553f") + fill(oval(142, 198, 10), YOLK),
        "crêpe pan": fill(oval(166, 170, 78), "#f0c989") + browned,
        "grill pan": fill(oval(166, 172, 54, 34), "#b5653c") + grilled,
    }[kind]


BLADES: dict[str, tuple[str, int]] = {
    "chef's knife": ("M14 250Q58 172 130 162L232 158V256Q110 260 14 250z", 0),
    "santoku": ("M24 196Q30 160 76 158H232V254H70Q14 250 24 196z", 0),
    "bread knife": (f"M20 196Q26 168 58 166H232V232{'l-14 -9l-14 9' * 7}Q16 226 20 196z", 0),
    "paring knife": ("M92 222Q122 174 166 168L232 164V226Q150 232 92 222z", -34),
    "cleaver": ("M26 146Q26 134 38 134H232V276H38Q26 276 26 264z", 0),
}
"""By type: the outline of the blade, its tip to the left, and how far the knife is moved to stay in the middle."""


def kitchen_knife(look: Look) -> str:
    """A kitchen knife of its type, the handle in its colour."""
    kind = look.named("type", 0, *BLADES)
    blade, start = BLADES[kind]
    extra = {
        "chef's knife": fill("M0 244Q120 250 240 238V270H0z", STEEL.light),
        "santoku": "".join(fill(oval(x, 222, 8, 20), STEEL.base) for x in range(70, 226, 28)),
        "cleaver": fill(oval(56, 164, 10), STEEL.deep) + fill(box(0, 250, 240, 40), STEEL.light),
    }.get(kind, "")
    if look.words.get("steel") == "Damascus steel":
        extra += line("M10 210q28 -20 56 0t56 0t56 0t56 0M10 230q28 -20 56 0t56 0t56 0t56 0", STEEL.dark, 4)
    grip = WOOD if look.main.base in (STEEL.base, COLOURS["silver"]) else look.main
    knife = (
        solid(blade, tones("#c9d0d8"), 9, fill(box(0, 130, 240, 54), STEEL.base), extra)
        + solid(
            "M240 160H258Q310 152 352 164Q386 172 386 204Q386 228 366 228Q340 226 326 216Q296 212 258 214H240z",
            grip,
            13,
        )
        + solid(box(228, 152, 20, 70, 6), look.accent if look.chance(2, 0.3) else STEEL, 6)
        + "".join(fill(oval(x, 186, 7), STEEL.light) for x in (276, 310, 344))
    )
    return shadow(336, 230) + turned(look.between(1, -44, -36), moved(start, 0, knife))
