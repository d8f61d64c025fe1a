"""Pictures of what plays, records and types."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import BRASS, GLASS, INK, PAPER, SCREEN, STEEL


def headphones(look: Look) -> str:
    """Over-ear headphones from the front."""
    height = look.between(0, 104, 128)
    top = 268 - height // 2
    corner = look.between(1, 22, 33)
    marks = {
        "disc": "".join(fill(oval(x, 268, 15), look.accent.base) for x in (91, 309)),
        "bar": "".join(line(f"M{x} {top + 30}v{height - 60}", look.accent.base, 9) for x in (91, 309)),
        "ring": "".join(line(oval(x, 268, 14), look.accent.base, 7) for x in (91, 309)),
    }
    return (
        shadow(338, 250)
        + line(f"M98 {top + 20}V202a102 102 0 0 1 204 0V{top + 20}", look.main.dark, look.between(2, 20, 28))
        + line("M116 202a84 84 0 0 1 168 0", look.trim.base, 12)
        + line("M100 190a102 102 0 0 1 96 -92", look.main.light, 8)
        + "".join(line(f"M{x} {top - 26}v24", STEEL.base, 14) for x in (98, 302))
        + "".join(solid(box(x, top + 6, 34, height - 12, 16), look.trim, 8) for x in (122, 244))
        + "".join(solid(box(x, top, 66, height, corner), look.main, 12) for x in (64, 270))
        + marks[look.one_of(3, *marks)]
    )


def speaker(look: Look) -> str:
    """A portable loudspeaker: a roll with a handle, or a standing drum."""
    return _roll_speaker(look) if look.chance(0) else _drum_speaker(look)


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
        dotted(f"M{100 + row % 2 * 9} {136 + 18 * row}Q200 {170 + 18 * row} 300 {136 + 18 * row}", look.main.detail, 6, 18)
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


def camera(look: Look) -> str:
    """A camera looking at you: with a prism hump, or flat with a viewfinder window."""
    lens = look.between(0, 70, 84)
    grip = box(0, look.between(1, 168, 184), 400, look.between(2, 76, 100))
    if look.chance(3, 0.6):
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
        + fill(oval(200, 228, lens), STEEL.base)
        + solid(oval(200, 228, lens - 9), INK, 8)
        + solid(oval(200, 228, lens - 28), SCREEN, 8)
        + inside(oval(200, 228, lens - 28), fill(oval(212, 246, 30), look.accent.deep))
        + fill(oval(184, 210, 12), GLASS.light)
    )


def memory_card(look: Look) -> str:
    """A memory card with its label and contacts: a full one, or a tiny one before its adapter."""
    body = "M116 76Q116 60 132 60H236L288 108V322Q288 338 272 338H132Q116 338 116 322z"
    label = box(134, 196, 136, 124, 10)
    full = (
        solid(body, look.main, 14)
        + "".join(fill(box(132 + 21 * i, 74, 13, 46, 4), BRASS.base) for i in range(5))
        + inside(label, fill(label, PAPER.base), fill(box(134, 196, 136, look.between(0, 28, 54)), look.accent.base))
        + line(f"M152 270h{look.between(1, 60, 96)}M152 294h{look.between(2, 30, 60)}", PAPER.deep, 9)
        + line("M134 150h20", look.main.detail, 6)
    )
    if look.chance(3, 0.6):
        return shadow(338, 190) + full
    tiny = "M238 236Q238 226 248 226H296Q304 226 306 236L309 252Q322 256 322 268V332Q322 342 312 342H248Q238 342 238 332z"
    return (
        shadow(342, 260)
        + f'<g transform="translate(-34 -6)">{full}</g>'
        + solid(tiny, look.trim, 8)
        + fill(box(250, 290, 60, 16, 4), look.accent.base)
        + line("M256 238v14M270 238v14M284 238v14", BRASS.base, 7)
    )


def keyboard(look: Look) -> str:
    """A keyboard from above, a few keys in the accent colour."""
    marked = {(0, 0), (2, 10)} if look.chance(0) else {(0, 0), (1, 1), (1, 2), (1, 3), (0, 2)}
    cap = PAPER.base if look.chance(1, 0.4) and look.main.base != PAPER.base else look.main.light
    cap = look.trim.light if look.chance(2, 0.4) else cap
    keys = "".join(
        fill(box(58 + 26 * column, 136 + 34 * row, 21, 26, 6), look.accent.base if (row, column) in marked else cap)
        for row in range(3)
        for column in range(11)
    )
    space = look.between(3, 110, 140)
    keys += "".join(
        fill(box(x, 238, width, 26, 6), colour)
        for x, width, colour in (
            (58, 32, cap),
            (95, 32, cap),
            (132, space, look.accent.base if look.chance(4, 0.4) else cap),
            (137 + space, 203 - space, cap),
        )
    )
    return shadow(312, 270) + turned(
        -9,
        fill(box(42, 128, 316, 166, 22), look.main.deep),
        solid(box(42, 116, 316, 166, 22), look.main, 8, keys),
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
    big = look.chance(1)
    plugs = solid(box(252, 290, 62, 42, 9), look.trim, 8) + fill(box(312, 298 if big else 302, 30, 26 if big else 18, 4), STEEL.base)
    plugs += solid(box(92, 294, 56, 34, 9), look.trim, 8) + fill(box(68, 302, 26, 18, 5), STEEL.base)
    return (
        shadow(340, 270)
        + ends
        + coil
        + line(f"M{204 - wide} 150A{wide} 98 0 0 1 176 {86}", look.main.light, 5)
        + solid(box(180, 68, 40, 66, 12), look.accent, 8)
        + plugs
    )
