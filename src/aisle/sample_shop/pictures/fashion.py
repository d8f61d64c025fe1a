"""Pictures of clothes and bags."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, line, moved, oval, shadow, solid
from aisle.sample_shop.pictures.palette import BRASS, STEEL


def t_shirt(look: Look) -> str:
    """A T-shirt laid out flat."""
    cut = look.named("neck", 0, "crew neck", "V-neck", "polo collar")
    neck = "L200 132L248 74" if cut == "V-neck" else "Q200 118 248 74"
    collar = (
        fill("M188 96H212V176H188z", look.main.dark)
        + "".join(fill(oval(200, y, 5), look.main.detail) for y in (124, 148))
        + solid(
            "M150 76L160 58L200 104L172 130zM250 76L240 58L200 104L228 130z",
            look.accent if look.chance(3) else look.main,
            6,
        )
    )
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
        + (
            collar
            if cut == "polo collar"
            else line(f"M152 74{neck}", look.accent.dark if look.chance(3, 0.3) else look.main.dark, 12)
        )
    )


def jacket(look: Look) -> str:
    """A jacket: for rain with a hood, quilted, of denim, of fleece, or with ribbed ends."""
    kind = look.named("type", 0, "rain", "down", "denim", "fleece", "bomber")
    body = (
        "M146 84L114 98Q102 104 101 118V316Q101 332 117 332"
        "H283Q299 332 299 316V118Q298 104 286 98L254 84Q200 112 146 84z"
    )
    left = "M120 96Q94 102 88 126L48 288Q46 302 58 306L88 313Q100 315 103 303L134 180z"
    right = "M280 96Q306 102 312 126L352 288Q354 302 342 306L312 313Q300 315 297 303L266 180z"
    cloth = _jacket_cloth(look, kind)
    hooded = kind == "rain" or (kind == "down" and look.words.get("feature") == "hood")
    return (
        shadow(342, 220)
        + (_hood(look) if hooded else "")
        + solid(left, look.main, 10, cloth)
        + solid(right, look.main, 10, cloth)
        + solid(body, look.main, 14, cloth, fill(box(194, 60, 12, 290), look.main.deep))
        + _jacket_front(look, kind)
        + ("" if hooded else _jacket_collar(look, kind))
    )


def _jacket_cloth(look: Look, kind: str) -> str:
    if kind == "down":
        return "".join(line(f"M30 {y}Q150 {y + 16} 200 {y}T370 {y}", look.main.dark, 6) for y in range(138, 330, 40))
    if kind == "bomber":
        return fill("M80 304H320V344H80zM30 280L110 296V330H30zM290 296L370 280V330H290z", look.accent.dark)
    if kind == "denim":
        return line(
            "M60 176H340M90 306H310M40 288L110 304M360 288L290 304M140 180L150 306M260 180L250 306", look.main.detail, 4
        )
    if kind == "fleece":
        return fill("M60 60H340V166Q200 190 60 166z", look.accent.base if look.chance(1, 0.6) else look.main.dark)
    return fill("M60 60H340V150Q200 172 60 150z", look.accent.base) if look.chance(1, 0.35) else ""


def _jacket_front(look: Look, kind: str) -> str:
    if kind == "denim":
        pockets = fill("M118 180H172V206L145 220L118 206zM228 180H282V206L255 220L228 206z", look.main.dark)
        buttons = "".join(fill(oval(200, y, 6), BRASS.base) for y in range(128, 330, 44))
        return pockets + buttons + fill(oval(145, 190, 5), BRASS.base) + fill(oval(255, 190, 5), BRASS.base)
    zip_ = line("M200 104V326", BRASS.base if look.chance(2, 0.3) else STEEL.base, 5)
    pockets = line("M136 276L164 240M264 276L236 240", look.main.deep, 8)
    badge = fill(box(232, 150, 34, 20, 5), look.trim.base if kind == "fleece" else look.accent.base)
    return zip_ + pockets + fill(box(194, 112, 12, 22, 5), look.accent.light) + ("" if kind == "rain" else badge)


def _jacket_collar(look: Look, kind: str) -> str:
    cloth = look.accent if kind == "bomber" else look.main
    if kind == "denim":
        return solid("M144 88L160 56L200 108L170 138zM256 88L240 56L200 108L230 138z", cloth, 7)
    return solid("M146 86L158 52Q200 70 242 52L254 86L200 118z", cloth, 8)


def _hood(look: Look) -> str:
    hood = "M138 104Q132 36 200 36T262 104Q200 128 138 104z"
    return solid(hood, look.main, 12) + fill("M158 100Q154 60 200 60T242 100Q200 120 158 100z", look.main.deep)


def sock(look: Look) -> str:
    """A pair of socks."""
    tops = {"running": 132, "hiking": 70, "everyday": 100, "no-show": 184, "dress": 56}
    top = tops[look.named("type", 0, *tops)]
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
    roomy = look.named("type", 2, "laptop", "city", "school", "trekking", "travel") in ("trekking", "travel")
    if not roomy:
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
    mat = solid(box(84, 36, 232, 54, 27), look.accent, 12) + fill(oval(300, 63, 15, 26), look.accent.deep)
    return (
        back
        + (mat if look.words.get("type") == "trekking" else "")
        + solid(box(94, 80, 212, 258, 44), look.main, 16)
        + front
        + solid(flap, look.main, 14)
        + "".join(
            line(f"M{x} 120V{y}", look.trim.base, 14) + fill(box(x - 14, y - 10, 28, 24, 6), BRASS.base)
            for x, y in ((150, 232), (250, 232))
        )
    )
