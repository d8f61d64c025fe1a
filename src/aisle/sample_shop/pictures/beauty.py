"""Pictures of creams, shampoos and perfumes."""

from aisle.sample_shop.pictures.drawing import Look, box, fill, inside, line, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import BRASS, GLASS, LEAF, PAPER, STEEL, lighten, tones

CREAM = tones("#fbf1e4")


def emblem(look: Look, x: int, y: int) -> str:
    """The small sign of a brand of care around (x, y): a leaf, a drop, a flower or a disc."""
    colour = look.accent.base
    signs = {
        "leaf": fill(
            f"M{x - 24} {y + 24}Q{x - 26} {y - 22} {x + 24} {y - 24}Q{x + 24} {y + 24} {x - 24} {y + 24}z", LEAF.base
        )
        + line(f"M{x - 22} {y + 22}L{x + 8} {y - 8}", LEAF.light, 5),
        "drop": fill(
            f"M{x} {y - 30}C{x + 34} {y + 6} {x + 22} {y + 28} {x} {y + 28}S{x - 34} {y + 6} {x} {y - 30}z", colour
        ),
        "flower": "".join(
            fill(oval(x + a, y + b, 13), colour) for a, b in ((0, -16), (16, -2), (10, 16), (-10, 16), (-16, -2))
        )
        + fill(oval(x, y + 2, 9), BRASS.light),
        "disc": fill(oval(x, y, 24), colour) + fill(oval(x - 7, y - 7, 8), look.accent.light),
    }
    return signs[look.one_of(5, *signs)]


def face_cream(look: Look) -> str:
    """A face cream: a jar with its lid on, an open jar, or a tube on its cap."""
    kinds = {"jar": _closed_jar, "open": _open_jar, "tube": _tube}
    return kinds[look.one_of(0, *kinds)](look)


def _closed_jar(look: Look) -> str:
    lid = BRASS if look.chance(1, 0.35) else PAPER if look.trim != STEEL else look.accent
    return (
        shadow(326, 240)
        + solid("M84 186H316V276Q316 326 266 326H134Q84 326 84 276z", look.main, 20)
        + solid(box(76, 92, 248, 100, look.between(2, 16, 34)), lid, 16)
        + line("M94 166H306", lid.dark, 5)
        + fill(box(152, 208, 96, 100, 14), look.label)
        + emblem(look, 200, 258)
    )


def _open_jar(look: Look) -> str:
    return (
        shadow(328, 290, x=210)
        + turned(
            24, solid(box(266, 196, 56, 136, 14), look.trim, 10), line("M282 208V320", look.trim.dark, 5), x=294, y=264
        )
        + solid("M64 198H268V286Q268 328 226 328H106Q64 328 64 286z", look.main, 18)
        + fill(oval(166, 198, 102, 30), look.main.light)
        + fill(oval(166, 197, 86, 22), CREAM.dark)
        + solid(
            "M86 196Q96 158 140 150Q154 118 188 112Q178 130 194 142Q232 154 246 196Q206 222 166 220T86 196z", CREAM, 10
        )
        + line("M118 188Q150 170 206 180", CREAM.dark, 6)
        + emblem(look, 166, 272)
    )


def _tube(look: Look) -> str:
    body = "M126 62H274L254 276H146z"
    return (
        shadow(338, 130)
        + solid(body, look.main, 18, fill(box(100, look.between(1, 210, 236), 200, 16), look.accent.base))
        + solid(
            box(118, 48, 164, 30, 8),
            look.main,
            6,
            line("".join(f"M{x} 48v30" for x in range(134, 276, 16)), look.main.dark, 4),
        )
        + solid(box(148, 274, 104, 64, 12), PAPER if look.main.base != PAPER.base else look.accent, 10)
        + fill(oval(200, 146, 46), look.label)
        + emblem(look, 200, 144)
    )


def shampoo(look: Look) -> str:
    """A bottle of shampoo, with a pump or a flip cap, or a solid bar; and some foam."""
    return _shampoo_bar(look) if look.words.get("type") == "solid" else _shampoo_bottle(look)


def _foam(*bubbles: tuple[int, int, int]) -> str:
    film = lighten(GLASS.base, 0.05)
    return "".join(
        fill(oval(x, y, r), "#ffffff")
        + fill(oval(x + r / 6, y + r / 6, r * 0.8), film)
        + fill(oval(x - r / 3, y - r / 3, r / 4), "#ffffff")
        for x, y, r in bubbles
    )


def _shampoo_bar(look: Look) -> str:
    return (
        shadow(322, 280)
        + fill(box(62, 168, 276, 156, 56), look.main.deep)
        + solid(
            box(62, 140, 276, 156, look.between(0, 48, 72)),
            look.main,
            18,
            line("M96 176Q110 160 140 160", look.main.light, 10),
        )
        + solid("M142 138H258V324H142z", PAPER, 8)
        + fill(box(142, 276, 116, 14), look.accent.base)
        + emblem(look, 200, 214)
        + _foam((84, 136, 24), (116, 118, 14), (310, 132, 18), (326, 312, 22), (296, 326, 12))
    )


def _shampoo_bottle(look: Look) -> str:
    wide = look.between(0, 62, 76)
    shoulder = look.between(1, 20, 50)
    body = box(200 - wide, 134, 2 * wide, 204, shoulder)
    label = box(216 - wide, 176, 2 * wide - 32, 124, 14)
    pump = (
        fill(box(190, 84, 20, 40), STEEL.base)
        + solid("M150 62H232Q246 62 246 76V90H214V84H150Q138 84 138 73T150 62z", look.trim, 6)
        + solid(box(166, 108, 68, 34, 8), look.trim, 8)
    )
    flip = solid(box(158, 84, 84, 56, 12), look.accent, 10) + line("M162 110H238", look.accent.dark, 5)
    foam = _foam((92, 312, 26), (122, 328, 16), (304, 318, 20), (322, 278, 11), (84, 262, 12))
    return (
        shadow(338, 2 * wide + 70)
        + (pump if look.chance(2, 0.6) else flip)
        + solid(body, look.main, 18, fill(box(100, 316, 200, 40), look.main.dark))
        + fill(label, look.label)
        + emblem(look, 200, 220)
        + line(f"M{200 - wide // 3} 272h{2 * (wide // 3)}", PAPER.deep, 7)
        + (foam if look.chance(3, 0.7) else "")
    )


def perfume(look: Look) -> str:
    """A flask of perfume in the colour of its glass."""
    flasks = {
        "square": box(104, 152, 192, 184, 22),
        "round": oval(200, 242, 96),
        "tall": box(136, 128, 128, 208, 28),
        "bell": "M164 150H236Q252 210 300 268Q316 336 270 336H130Q84 336 100 268Q148 210 164 150z",
    }
    kind = look.one_of(0, *flasks)
    flask = flasks[kind]
    level = look.between(1, 190, 214)
    neck = 132 if kind == "tall" else 154
    cap = BRASS if look.chance(2) else look.trim
    caps = {
        "block": solid(box(164, neck - 92, 72, 66, 10), cap, 10),
        "ball": solid(oval(200, neck - 58, 40), cap, 12),
        "cone": solid(f"M176 {neck - 98}H224L242 {neck - 26}H158z", cap, 10),
    }
    return (
        shadow(338, 190)
        + fill(box(178, neck - 34, 44, 40, 4), BRASS.dark if cap != BRASS else BRASS.base)
        + caps[look.one_of(3, *caps)]
        + inside(
            flask,
            fill(flask, lighten(look.main.light, 0.07)),
            fill(box(60, level, 280, 200), look.main.base),
            fill(box(236, level, 100, 200), look.main.dark),
            fill(oval(180, level, 130, 9), look.main.light),
        )
        + line(flask, look.main.dark, 7)
        + fill(box(160, 230, 80, 68, 8), look.label)
        + line("M178 254h44M188 274h24", look.accent.base if look.chance(4) else BRASS.base, 7)
        + line(f"M{152 if kind == 'tall' else 132} {232}v52", "#ffffff", 9)
    )
