"""Pictures of clothes and bags."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, line, moved, oval, shadow, solid
from aisle.sample_shop.pictures.palette import BRASS, STEEL


def t_shirt(look: Look) -> str:
    """A T-shirt laid out flat."""
    neck = look.one_of(0, "Q200 122 248 74", "L200 132L248 74", "Q200 112 248 74")
    hem = look.between(1, 322, 336)
    body = (
        f"M152 74{neck}L300 92Q314 97 320 110L354 180Q358 188 350 192L308 212Q300 216 296 208L290 194"
        f"V{hem - 12}Q290 {hem} 278 {hem}H122Q110 {hem} 110 {hem - 12}V194"
        "L104 208Q100 216 92 212L50 192Q42 188 46 180L80 110Q86 97 100 92z"
    )
    colour = look.accent.base if look.chance(4, 0.7) else look.main.detail
    prints = {
        "plain": "",
        "stripes": "".join(fill(box(40, y, 320, 16), colour) for y in range(142, 340, 42)),
        "chest": fill(box(40, 160, 320, 34), colour) + fill(box(40, 204, 320, 10), colour),
        "pocket": fill("M222 160H266V196Q266 206 256 206H232Q222 206 222 196z", look.accent.base)
        + fill(box(222, 160, 44, 9), look.accent.dark),
        "sun": fill(oval(200, 204, 38), colour)
        + fill(box(150, 214, 100, 7), look.main.base)
        + fill(box(150, 228, 100, 6), look.main.base),
        "peaks": fill("M146 240L186 172L210 208L224 190L254 240z", colour),
        "sleeves": fill("M30 60H104V230H30zM296 60H370V230H296z", colour),
        "dots": "".join(dotted(f"M{70 + row % 2 * 18} {128 + 34 * row}H340", colour, 12, 36) for row in range(6)),
    }
    return (
        shadow(344, 190)
        + fill(f"M152 74Q200 60 248 74Q240 {120} 200 124Q160 120 152 74z", look.main.deep)
        + solid(
            body, look.main, 14, prints[look.one_of(2, *prints)], line("M112 200V148M288 200V148", look.main.dark, 6)
        )
        + line(f"M152 74{neck}", look.accent.dark if look.chance(3, 0.3) else look.main.dark, 12)
    )


def jacket(look: Look) -> str:
    """A jacket: quilted, hooded, or with ribbed ends."""
    kind = look.one_of(0, "quilted", "hooded", "ribbed")
    body = (
        "M146 84L114 98Q102 104 101 118V316Q101 332 117 332"
        "H283Q299 332 299 316V118Q298 104 286 98L254 84Q200 112 146 84z"
    )
    left = "M120 96Q94 102 88 126L48 288Q46 302 58 306L88 313Q100 315 103 303L134 180z"
    right = "M280 96Q306 102 312 126L352 288Q354 302 342 306L312 313Q300 315 297 303L266 180z"
    tucks, cuffs = "", ""
    if kind == "quilted":
        tucks = "".join(line(f"M30 {y}Q150 {y + 16} 200 {y}T370 {y}", look.main.dark, 6) for y in range(138, 330, 40))
    elif kind == "ribbed":
        tucks = fill(box(40, 304, 320, 40), look.accent.dark)
        cuffs = fill("M30 280L110 296V330H30zM370 280L290 296V330H370z", look.accent.dark)
    elif look.chance(1):
        tucks = fill("M80 60H320V168Q200 190 80 168z", look.accent.base)
    return (
        shadow(342, 220)
        + _collar(look, kind)
        + solid(left, look.main, 10, tucks, cuffs)
        + solid(right, look.main, 10, tucks, cuffs)
        + solid(body, look.main, 14, tucks, fill(box(194, 60, 12, 290), look.main.deep))
        + line("M200 104V326", BRASS.base if look.chance(2, 0.3) else STEEL.base, 5)
        + line("M136 276L164 240M264 276L236 240", look.main.deep, 8)
        + ("" if kind == "hooded" else fill(box(232, 150, 34, 20, 5), look.accent.base))
        + fill(box(194, 112, 12, 22, 5), look.accent.light)
        + (
            ""
            if kind == "hooded"
            else solid(
                "M146 86L158 52Q200 70 242 52L254 86L200 118z", look.accent if kind == "ribbed" else look.main, 8
            )
        )
    )


def _collar(look: Look, kind: str) -> str:
    if kind != "hooded":
        return ""
    hood = "M138 104Q132 36 200 36T262 104Q200 128 138 104z"
    return solid(hood, look.main, 12) + fill("M158 100Q154 60 200 60T242 100Q200 120 158 100z", look.main.deep)


def sock(look: Look) -> str:
    """A pair of socks."""
    top = look.between(0, 56, 120)
    outline = (
        f"M112 {top}H204V214Q204 230 220 240L282 276Q310 294 300 320"
        "Q292 338 264 338H206Q190 338 176 328L128 292Q112 280 112 258z"
    )
    colour = look.accent.base
    patterns = {
        "plain": "",
        "stripes": "".join(fill(box(90, y, 240, 14), colour) for y in range(top + 50, 250, 32)),
        "two bands": fill(box(90, top + 44, 140, 14), colour) + fill(box(90, top + 68, 140, 14), colour),
        "dots": "".join(dotted(f"M{124 + row % 2 * 17} {top + 56 + 30 * row}H320", colour, 14, 34) for row in range(9)),
        "argyle": "".join(fill(f"M158 {y}l26 34l-26 34l-26 -34z", colour) for y in range(top + 46, 250, 70)),
        "zigzag": "".join(
            line(f"M104 {y}l18 -16l18 16l18 -16l18 16l18 -16l18 16", colour, 8) for y in (top + 66, top + 94)
        ),
    }
    ends = fill("M100 236Q150 240 160 320L100 330z", colour) + fill(oval(292, 316, 42), colour)
    pattern = patterns[look.one_of(1, *patterns)]
    cuff = look.accent if look.chance(2) else look.main
    ribs = line("".join(f"M{x} {top + 4}v26" for x in range(124, 204, 16)), cuff.dark, 5)
    one = (
        solid(outline, look.main, 14, pattern, ends if look.chance(3, 0.7) else "")
        + solid(box(104, top - 12, 108, 46, 12), cuff, 8)
        + ribs
    )
    return shadow(340, 230) + moved(44, -10, one) + moved(-16, 2, one)


def backpack(look: Look) -> str:
    """A backpack from the front: with zips, or rolled shut with a strap."""
    corner = look.between(0, 56, 84)
    pocket = look.accent if look.chance(1, 0.45) else look.main
    back = (
        shadow(340, 220)
        + line("M168 70V58Q168 40 200 40T232 58V70", look.trim.base, 13)
        + line("M112 150Q72 190 78 292M288 150Q328 190 322 292", look.trim.base, 20)
        + solid(box(78, 208, 40, 96, 16), look.main, 8)
        + solid(box(282, 208, 40, 96, 16), look.main, 8)
    )
    front = solid(box(124, 212, 152, 108, 22), pocket, 10)
    if look.chance(2):
        return (
            back
            + solid(box(94, 62, 212, 276, corner), look.main, 16)
            + line("M120 178V150Q120 92 200 92T280 150V178", look.main.deep, 6)
            + fill(box(270, 166, 14, 28, 5), BRASS.base)
            + front
            + line("M140 240H260", pocket.deep, 6)
            + fill(box(226, 236, 14, 26, 5), BRASS.base)
            + solid(box(174, 132, 52, 40, 9), look.accent if pocket == look.main else look.trim, 6)
        )
    flap = "M94 120Q94 62 150 62H250Q306 62 306 120V176Q306 206 276 206H124Q94 206 94 176z"
    return (
        back
        + solid(box(94, 80, 212, 258, 44), look.main, 16)
        + front
        + solid(flap, look.main, 14)
        + "".join(
            line(f"M{x} 120V{y}", look.trim.base, 14) + fill(box(x - 14, y - 10, 28, 24, 6), BRASS.base)
            for x, y in ((150, 232), (250, 232))
        )
    )
