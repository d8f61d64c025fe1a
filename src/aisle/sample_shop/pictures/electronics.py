"""Pictures of what records, types and charges."""

from aisle.sample_shop.pictures.drawing import Look, box, fill, inside, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import BRASS, GLASS, INK, PAPER, SCREEN, STEEL, distance


def camera(look: Look) -> str:
    """A camera looking at you: with a prism hump, flat, a small one for action, or one that prints at once."""
    kinds = {"mirrorless": _camera, "compact": _camera, "action": _action_camera, "instant": _instant_camera}
    return kinds[look.named("type", 3, *kinds)](look)


def _lens(look: Look, x: int, y: int, radius: int) -> str:
    glass = oval(x, y, radius - 28)
    return (
        fill(oval(x, y, radius), STEEL.base)
        + solid(oval(x, y, radius - 9), INK, 8)
        + solid(glass, SCREEN, 8, fill(oval(x + 10, y + 16, radius * 0.4), look.accent.deep))
        + fill(oval(x - radius / 5, y - radius / 4, radius / 7), GLASS.light)
    )


def _camera(look: Look) -> str:
    grip = box(0, look.between(1, 168, 184), 400, look.between(2, 76, 100))
    if look.named("type", 3, "mirrorless", "compact") == "mirrorless":
        top = solid("M140 136L158 92Q162 84 172 84H228Q238 84 242 92L260 136z", look.main, 8)
        window = fill(box(276, 142, 44, 18, 8), PAPER.base)
    else:
        top = solid(box(150, 106, 78, 40, 10), look.main, 6)
        window = fill(box(262, 140, 58, 34, 8), INK.base) + fill(box(269, 146, 44, 22, 5), GLASS.base)
    return (
        shadow(322, 300)
        + fill(box(84, 110, 50, 30, 8), STEEL.dark)
        + fill(box(286, 112, 30, 30, 8), look.accent.base)
        + top
        + solid(box(52, 128, 296, 194, 32), look.main, 14, fill(grip, look.trim.base))
        + window
        + fill(oval(88, 150, 8), look.accent.base)
        + _lens(look, 200, 228, look.between(0, 70, 84))
    )


def _action_camera(look: Look) -> str:
    return (
        shadow(330, 230)
        + fill(box(168, 296, 64, 36, 8), look.trim.dark)
        + fill(box(100, 92, 64, 24, 8), look.accent.base)
        + solid(box(72, 106, 256, 200, look.between(1, 28, 46)), look.main, 16)
        + fill(box(88, 128, 90, 66, 12), look.trim.base)
        + fill(box(98, 138, 70, 46, 6), SCREEN.base)
        + fill(oval(116, 152, 7), look.accent.base)
        + "".join(line(f"M92 {y}h78", look.main.detail, 7) for y in (226, 248, 270))
        + fill(box(184, 124, 128, 128, 26), look.trim.dark)
        + _lens(look, 248, 188, look.between(0, 52, 58))
    )


def _instant_camera(look: Look) -> str:
    print_ = box(128, 262, 144, 92, 6)
    return (
        shadow(352, 230)
        + solid(print_, PAPER, 6)
        + inside(
            box(140, 262, 120, 76, 3),
            fill(box(128, 250, 150, 100), look.accent.light),
            fill("M120 330L176 286L210 316L232 298L300 350H120z", look.accent.deep),
        )
        + solid(
            "M92 66H308Q322 66 326 80L346 232V270Q346 290 326 290H74Q54 290 54 270V232L74 80Q78 66 92 66z",
            look.main,
            14,
            fill(box(0, 238, 400, 60), look.main.dark),
            fill(box(0, 226, 400, 12), look.accent.base),
        )
        + fill(box(112, 262, 176, 14, 7), look.main.deep)
        + fill(box(254, 84, 54, 40, 10), INK.base)
        + fill(box(262, 92, 38, 24, 6), GLASS.base)
        + fill(box(94, 84, 62, 30, 10), PAPER.base)
        + fill(oval(92, 180, 12), look.accent.base)
        + _lens(look, 200, 164, look.between(0, 58, 66))
    )


def memory_card(look: Look) -> str:
    """A memory card with its label and contacts: SD, a tiny one before its adapter, or a thick one."""
    kind = look.named("type", 3, "SDXC", "microSD", "CFexpress")
    if kind == "microSD":
        tiny = (
            "M238 236Q238 226 248 226H296Q304 226 306 236L309 252"
            "Q322 256 322 268V332Q322 342 312 342H248Q238 342 238 332z"
        )
        return (
            shadow(342, 260)
            + moved(-34, -6, _card(look, "M116 76Q116 60 132 60H236L288 108V322Q288 338 272 338H132Q116 338 116 322z"))
            + solid(tiny, look.trim, 8)
            + fill(box(250, 290, 60, 16, 4), look.accent.base)
            + line("M256 238v14M270 238v14M284 238v14", BRASS.base, 7)
        )
    if kind == "CFexpress":
        slots = line("M150 66H254", look.main.deep, 14)
        return shadow(338, 200) + _card(look, box(110, 58, 184, 280, 14), pins=False) + slots
    return shadow(338, 190) + _card(look, "M116 76Q116 60 132 60H236L288 108V322Q288 338 272 338H132Q116 338 116 322z")


def _card(look: Look, body: str, pins: bool = True) -> str:
    label = box(134, 196, 136, 124, 10)
    contacts = "".join(fill(box(132 + 21 * i, 74, 13, 46, 4), BRASS.base) for i in range(5))
    return (
        solid(body, look.main, 14)
        + (contacts if pins else "")
        + inside(label, fill(label, PAPER.base), fill(box(134, 196, 136, look.between(0, 28, 54)), look.accent.base))
        + line(f"M152 270h{look.between(1, 60, 96)}M152 294h{look.between(2, 30, 60)}", PAPER.deep, 9)
        + line("M134 150h20", look.main.detail, 6)
    )


def keyboard(look: Look) -> str:
    """A keyboard from above, in one piece or split for both hands, a few keys in the accent colour."""
    if look.words.get("type") == "ergonomic":
        halves = _half_keyboard(look, 30, 8) + _half_keyboard(look, 208, -8)
        return shadow(316, 290) + halves
    compact = look.words.get("layout", "").startswith("compact")
    columns, left = (8, 80) if compact else (11, 42)
    width = 26 * columns + 30
    caps = _keys(look, left + 16, 136, columns, 3)
    space = (width - 38) // 2
    bottom = ((0, 32), (37, 32), (74, space - 20), (59 + space, width - 91 - space))
    caps += "".join(
        fill(box(left + 16 + x, 238, w, 26, 6), look.accent.base if x == 74 and look.chance(4, 0.4) else _cap(look))
        for x, w in bottom
    )
    return shadow(312, width - 46) + turned(
        -9,
        fill(box(left, 128, width, 166, 22), look.main.deep),
        solid(box(left, 116, width, 166, 22), look.main, 8, caps),
    )


def _cap(look: Look) -> str:
    if distance(look.main.base, PAPER.base) < 0.1:
        return look.trim.light
    return (look.main.light, look.trim.light, PAPER.base)[look.between(1, 0, 2)]


def _keys(look: Look, x: int, y: int, columns: int, rows: int) -> str:
    marked = {(0, 0), (2, columns - 1)} if look.chance(0) else {(0, 0), (1, 1), (1, 2), (1, 3), (0, 2)}
    plain, coloured = "", ""
    for row in range(rows):
        for column in range(columns):
            cap = box(x + 26 * column, y + 34 * row, 21, 26, 6)
            if (row, column) in marked:
                coloured += cap
            else:
                plain += cap
    return fill(plain, _cap(look)) + fill(coloured, look.accent.base)


def _half_keyboard(look: Look, x: int, degrees: int) -> str:
    thumb = fill(box(x + 16, 248, 72, 28, 8), look.accent.base) + fill(box(x + 94, 248, 52, 28, 8), _cap(look))
    return turned(
        degrees,
        fill(box(x, 126, 162, 180, 26), look.main.deep),
        solid(box(x, 114, 162, 180, 26), look.main, 8, _keys(look, x + 16, 138, 5, 3), thumb),
    )


def cable(look: Look) -> str:
    """A coiled charging cable with a plug at either end."""
    wide = look.between(0, 98, 114)
    coil = "".join(
        line(oval(200, 180, wide - 18 * turn, 98 - 17 * turn), look.main.base if turn % 2 else look.main.dark, 17)
        for turn in range(3)
    )
    ends = line("M304 214C336 268 300 311 262 311M96 214C64 268 100 311 138 311", look.main.base, 17)
    ends += line("M92 226C74 262 92 300 124 306", look.main.light, 5)
    big = look.words.get("type", "").startswith("USB-A") or look.chance(1, 0.2)
    plugs = solid(box(252, 290, 62, 42, 9), look.trim, 8) + fill(
        box(312, 298 if big else 302, 30, 26 if big else 18, 4), STEEL.base
    )
    plugs += solid(box(92, 294, 56, 34, 9), look.trim, 8) + fill(box(68, 302, 26, 18, 5), STEEL.base)
    return (
        shadow(340, 270)
        + ends
        + coil
        + line(f"M{204 - wide} 150A{wide} 98 0 0 1 176 {86}", look.main.light, 5)
        + solid(box(180, 68, 40, 66, 12), look.accent, 8)
        + plugs
    )
