"""Pictures of things that play sound."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid
from aisle.sample_shop.pictures.palette import INK, PAPER, STEEL


def headphones(look: Look) -> str:
    """Headphones: over or on the ears, in them, or before them."""
    kinds = {"over-ear": _over_ear, "on-ear": _over_ear, "in-ear": _earbuds, "open-ear": _open_ear}
    return kinds[look.named("type", 4, *kinds)](look)


def _over_ear(look: Look) -> str:
    small = look.words.get("type") == "on-ear"
    height = look.between(0, 84, 92) if small else look.between(0, 108, 128)
    top = 268 - height // 2
    corner = 33 if small else look.between(1, 22, 33)
    marks = {
        "disc": "".join(fill(oval(x, 268, 15), look.accent.base) for x in (91, 309)),
        "bar": "".join(line(f"M{x} {top + 30}v{height - 60}", look.accent.base, 9) for x in (91, 309)),
        "ring": "".join(line(oval(x, 268, 14), look.accent.base, 7) for x in (91, 309)),
    }
    wire = line("M92 316C92 372 170 300 196 348", look.trim.base, 7) if look.words.get("connection") == "wired" else ""
    return (
        shadow(338, 250)
        + line(f"M98 {top + 20}V202a102 102 0 0 1 204 0V{top + 20}", look.main.dark, look.between(2, 20, 28))
        + line("M116 202a84 84 0 0 1 168 0", look.trim.base, 12)
        + line("M100 190a102 102 0 0 1 96 -92", look.main.light, 8)
        + "".join(line(f"M{x} {top - 26}v24", STEEL.base, 14) for x in (98, 302))
        + "".join(solid(box(x, top + 6, 34, height - 12, 16), look.trim, 8) for x in (122, 244))
        + wire
        + "".join(solid(box(x, top, 66, height, corner), look.main, 12) for x in (64, 270))
        + marks[look.one_of(3, *marks)]
    )


def _earbuds(look: Look) -> str:
    corner = look.between(0, 34, 56)
    stem = look.between(1, 46, 66)
    buds = "".join(
        solid(box(x - 10, 150, 20, stem + 20, 10), look.main, 6)
        + solid(oval(x, 138, 34, 31), look.main, 10)
        + fill(oval(x + side * 18, 136, 11, 17), look.trim.base)
        + fill(oval(x - side * 12, 134, 5, 9), look.main.detail)
        for x, side in ((154, 1), (246, -1))
    )
    case = box(92, 206, 216, 126, corner)
    return (
        shadow(332, 226)
        + solid(box(98, 82, 204, 150, corner), look.main, 0)
        + fill(box(110, 94, 180, 130, corner - 8), look.main.deep)
        + buds
        + solid(case, look.main, 16)
        + inside(case, line("M92 232h216", look.main.dark, 4))
        + fill(oval(200, 272, 9), look.accent.base)
    )


def _open_ear(look: Look) -> str:
    band = "M104 236C60 130 92 70 132 96C152 112 140 150 128 168"
    other = "M296 236C340 130 308 70 268 96C248 112 260 150 272 168"
    ends = "".join(
        solid(box(x - 25, 158, 50, 78, 24), look.main, 10)
        + fill(oval(x, 186, 13), look.accent.base)
        + line(f"M{x - 7} 216h14", look.main.detail, 6)
        for x in (126, 274)
    )
    return (
        shadow(332, 200)
        + line("M104 226C112 342 288 342 296 226", look.main.dark, 19)
        + line("M114 258C130 300 170 308 196 309", look.main.light, 6)
        + line(band, look.main.dark, 17)
        + line(other, look.main.dark, 17)
        + line("M86 150C80 116 96 96 112 94M290 92C306 92 316 104 318 122", look.main.light, 5)
        + ends
    )


def speaker(look: Look) -> str:
    """A Bluetooth speaker: a roll with a handle, a box with two drivers, a tower for parties, a drum for the shower."""
    kinds = {"portable": _roll_speaker, "bookshelf": _box_speaker, "party": _party_speaker, "shower": _drum_speaker}
    return kinds[look.named("type", 0, *kinds)](look)


def _driver(look: Look, y: int, radius: int) -> str:
    cone = look.accent if look.chance(2, 0.4) else look.trim
    return (
        fill(oval(200, y, radius), look.main.deep)
        + solid(oval(200, y, radius - 9), cone, radius / 6)
        + fill(oval(200, y, radius // 3), cone.deep)
        + fill(oval(197, y - 4, radius // 5), cone.base)
    )


def _box_speaker(look: Look) -> str:
    body = box(108, 62, 184, 272, look.between(1, 10, 34))
    return (
        shadow(334, 190)
        + solid(body, look.main, 16)
        + _driver(look, 124, 36)
        + _driver(look, 238, look.between(3, 58, 68))
        + fill(oval(200, 320, 5), look.accent.light)
    )


def _party_speaker(look: Look) -> str:
    glow = look.accent.base
    return (
        shadow(338, 200)
        + line("M150 72V52Q150 40 162 40H238Q250 40 250 52V72", look.trim.base, 13)
        + solid(box(98, 64, 204, 274, look.between(1, 20, 44)), look.main, 16)
        + line(oval(200, 140, 58), glow, 8)
        + _driver(look, 140, 50)
        + line(oval(200, 262, 58), glow, 8)
        + _driver(look, 262, 50)
        + "".join(fill(box(x, y, 14, 40, 7), look.trim.base) for x in (110, 276) for y in (84, 280))
    )


def _roll_speaker(look: Look) -> str:
    body = box(52, 134, 296, 186, look.between(1, 60, 92))
    mesh = "".join(dotted(f"M{60 + row % 2 * 10} {152 + 20 * row}H350", look.main.detail, 7, 20) for row in range(9))
    return (
        shadow(320, 250)
        + line("M128 142C128 78 272 78 272 142", look.accent.dark, 14)
        + solid(body, look.main, 18, mesh)
        + solid(box(140, 208, 120, 38, 19), look.trim, 6)
        + line("M164 227h20M174 217v20M216 227h20", PAPER.base if look.trim == INK else INK.base, 6)
    )


def _drum_speaker(look: Look) -> str:
    body = "M108 108V304Q108 338 200 338T292 304V108z"
    mesh = "".join(
        dotted(
            f"M{100 + row % 2 * 9} {136 + 18 * row}Q200 {170 + 18 * row} 300 {136 + 18 * row}", look.main.detail, 6, 18
        )
        for row in range(-1, 11)
    )
    return (
        shadow(332, 200)
        + line("M288 150C342 160 340 250 300 262", look.accent.base, 10)
        + solid(body, look.main, 20, mesh)
        + fill(oval(200, 108, 92, 40), look.main.deep)
        + fill(oval(200, 102, 92, 40), look.main.light)
        + fill(oval(200, 103, 64, 26), look.trim.base)
        + line("M176 103h16M184 96v14M210 103h16", PAPER.base if look.trim == INK else INK.base, 5)
        + fill(oval(200, 268, 30), look.accent.base)
        + fill(oval(200, 268, 15), look.accent.light)
    )
