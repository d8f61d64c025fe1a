"""Pictures of what one writes with and on."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import BRASS, GLASS, PAPER, STEEL


def notebook(look: Look) -> str:
    """A notebook: bound with an elastic band, or soft and on a spiral."""
    cover = look.named("cover", 0, "hardcover", "softcover", "leather", "linen cover")
    return _spiral_notebook(look) if cover == "softcover" else _bound_notebook(look)


def _cover(look: Look) -> str:
    colour = look.accent.base if look.chance(4) else look.main.detail
    covers = {
        "label": fill(box(142, 112, 104, 64, 8), look.label) + line("M160 134h68M160 154h44", PAPER.deep, 6),
        "spine": fill(box(60, 40, 60, 320), look.accent.base),
        "corner": fill("M300 236V360H180z", colour),
        "dots": "".join(dotted(f"M{126 + row % 2 * 20} {92 + 36 * row}H300", colour, 12, 40) for row in range(7)),
        "waves": "".join(line(f"M80 {230 + 34 * row}q28 -26 56 0t56 0t56 0t56 0", colour, 8) for row in range(4)),
        "moon": fill(oval(192, 186, 44), colour) + fill(oval(210, 172, 40), look.main.base),
    }
    return covers[look.one_of(1, *covers)]


def _bound_notebook(look: Look) -> str:
    ribbon = fill("M172 320H190V362L181 352L172 362z", look.accent.dark)
    return shadow(344, 220) + turned(
        look.between(2, 2, 7),
        ribbon,
        fill(box(98, 64, 214, 276, 14), look.main.deep),
        fill(box(104, 66, 202, 266, 8), PAPER.dark),
        line("M300 76V326M308 76V326", PAPER.deep, 2),
        solid(box(90, 58, 206, 276, 14), look.main, 12, _cover(look), fill(box(90, 40, 22, 320), look.main.dark)),
        fill(box(262, 58, 13, 276), look.accent.base if look.chance(3, 0.7) else look.trim.base),
    )


def _spiral_notebook(look: Look) -> str:
    rings = "".join(
        line(f"M84 {y}H112", STEEL.dark, 8) + fill(oval(114, y, 7), look.main.deep) for y in range(88, 330, 29)
    )
    return shadow(344, 220) + turned(
        look.between(2, -5, 0),
        fill(box(104, 70, 208, 270, 12), PAPER.deep),
        fill(box(102, 66, 206, 268, 12), PAPER.base),
        solid(box(94, 58, 206, 272, 12), look.main, 12, _cover(look)),
        rings,
    )


def fountain_pen(look: Look) -> str:
    """A fountain pen that has just drawn a line, its cap posted or beside it."""
    metal = BRASS if look.chance(0, 0.6) else STEEL
    ink = look.accent.base
    nib = "M34 200Q66 172 104 176V224Q66 228 34 200z"
    pen = (
        solid(nib, metal, 6)
        + line("M40 200H82", metal.deep, 4)
        + fill(oval(84, 200, 6), metal.deep)
        + solid("M102 178L150 172V228L102 222z", look.trim, 8)
        + solid(box(146, 166, 14, 68, 4), metal, 6)
    )
    if look.chance(1, 0.6):
        rest = solid(
            "M158 168H330Q372 172 372 200T330 232H158z", look.main, 12, fill(box(232, 100, 14, 200), metal.base)
        )
        rest += solid("M246 184H330Q338 184 338 190T330 196H246z", metal, 5)
    else:
        rest = solid(
            "M158 168H340Q372 178 372 200T340 232H158z", look.main, 12, fill(box(330, 100, 12, 200), metal.base)
        )
        rest += fill(box(176, 176, 130, 8, 4), look.main.light)
    strokes = {
        "wave": "M44 330Q84 296 116 330T188 330T260 330H330",
        "loop": "M44 336C104 336 150 280 124 284S118 344 170 332S232 292 212 296S214 346 330 330",
        "line": "M40 336Q180 318 334 336",
    }
    return (
        line(strokes[look.one_of(2, *strokes)], ink, 7) + shadow(346, 150, x=260) + turned(-44, pen, rest, x=206, y=186)
    )


def ink(look: Look) -> str:
    """A bottle of ink in its colour, with a drop beside it."""
    bottles = {
        "square": box(92, 158, 216, 176, 26),
        "round": "M168 152H232Q316 180 316 256T236 334H164Q84 334 84 256T168 152z",
        "cut": "M150 158H250L312 218V304L284 334H116L88 304V218z",
    }
    bottle = bottles[look.one_of(0, *bottles)]
    level = look.between(1, 186, 206)
    cap = look.one_of(2, "dark", "brass", "accent")
    lid = {"dark": look.trim, "brass": BRASS, "accent": look.accent}[cap]
    return (
        shadow(336, 230)
        + fill(box(158, 128, 84, 36, 4), GLASS.dark)
        + inside(
            bottle,
            fill(bottle, GLASS.light),
            fill(box(60, level, 280, 200), look.main.base),
            fill(box(254, level, 100, 200), look.main.dark),
            fill(oval(190, level, 140, 10), look.main.light),
        )
        + line(bottle, look.main.dark, 7)
        + line("M118 236V284", "#ffffff", 10)
        + solid(
            box(142, 70, 116, 70, look.between(3, 8, 22)),
            lid,
            12,
            line("".join(f"M{x} 84v44" for x in range(158, 256, 16)), lid.dark, 4),
        )
        + fill(box(150, 222, 100, 82, 8), look.label)
        + fill("M200 234C224 262 218 284 200 284S176 262 200 234z", look.main.base)
        + fill("M330 286C352 312 346 334 330 334S308 312 330 286z", look.main.base)
        + fill(oval(324, 318, 4, 6), look.main.light)
    )
