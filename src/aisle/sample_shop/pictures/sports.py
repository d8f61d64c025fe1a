"""Pictures of what one runs, stretches and camps with."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import GLASS, INK, PAPER, STEEL, lighten


def running_shoe(look: Look) -> str:
    """A running shoe from the side, its toe to the right."""
    thick = look.between(0, 38, 52)
    upper = (
        "M52 262V166Q52 142 72 142Q88 142 94 158Q108 184 136 166L166 132Q178 118 194 126L214 138"
        "Q220 142 224 150Q244 192 300 208Q352 222 352 264z"
    )
    low = 258 + thick
    sole = (
        f"M44 254Q120 262 200 254T358 254Q366 272 356 {low - 14}Q350 {low} 326 {low}"
        f"H90Q54 {low} 46 {low - 18}Q38 270 44 254z"
    )
    marks = {
        "swoop": fill("M96 262C150 250 196 220 214 172L240 196C226 232 190 258 150 268z", look.accent.base),
        "stripes": line("M150 262L186 188M182 262L212 200M214 262L238 216", look.accent.base, 13),
        "arrow": line("M120 196L176 226L132 262M162 196L214 228L176 262", look.accent.base, 12),
        "dots": "".join(
            dotted(f"M{110 + row % 2 * 11} {188 + 19 * row}H232", look.accent.base, 10, 22) for row in range(4)
        ),
    }
    toe = fill("M296 190Q300 240 280 270H370V190z", look.main.dark) if look.chance(1) else ""
    heel = fill("M40 186Q92 190 98 270H40z", look.main.dark)
    laces = line(
        "M178 158l34 -16M192 176l34 -16M208 192l32 -18M228 206l30 -18", PAPER.base if look.trim == INK else INK.base, 8
    )
    lugs = dotted(f"M76 {low}H330", look.accent.dark, 15, 21) if look.words.get("terrain") == "trail" else ""
    return (
        shadow(256 + thick, 300)
        + lugs
        + fill("M60 160Q74 128 100 154Q112 178 140 160L168 128Q120 150 60 160z", look.main.deep)
        + fill("M150 156L180 104Q186 94 198 98L216 106Q224 110 220 120L206 160z", look.accent.dark)
        + solid(upper, look.main, 14, toe, heel, marks[look.one_of(2, *marks)])
        + laces
        + solid(sole, PAPER, 8, fill(box(30, 248 + thick, 340, 20), look.accent.base))
        + line(f"M70 {262 + thick // 3}Q190 {276 + thick // 3} 330 {262 + thick // 3}", PAPER.dark, 5)
    )


def yoga_mat(look: Look) -> str:
    """A yoga mat: half unrolled towards you, or rolled up in its straps."""
    extra = look.named("extra", 0, "carry strap", "alignment lines", "carry bag")
    return _open_mat(look) if extra == "alignment lines" or look.chance(3, 0.3) else _rolled_mat(look)


def _mat_end(look: Look) -> str:
    spiral = "M304 110A36 46 0 1 0 338 160A28 36 0 0 0 284 146A21 25 0 0 0 320 170"
    return fill(oval(304, 156, 46, 58), look.main.dark) + line(spiral, look.main.light, 8)


def _open_mat(look: Look) -> str:
    sheet = "M70 176H300L282 322H24z"
    print_ = look.accent.base if look.chance(1) else look.main.light
    marks = {
        "plain": "",
        "lines": line("M168 226L158 306M58 300H264M74 244H274", print_, 6),
        "flower": "".join(
            fill(oval(164 + x, 266 + y, 24, 13), print_) for x, y in ((-28, 0), (28, 0), (2, -18), (-2, 18))
        )
        + fill(oval(164, 266, 12, 8), look.main.dark),
        "border": line("M80 226H276L266 306H48z", print_, 8),
    }
    mark = "lines" if look.words.get("extra") == "alignment lines" else look.one_of(2, *marks)
    return (
        shadow(326, 290, x=170)
        + fill("M24 320H282V328Q282 334 276 334H30Q24 334 24 328z", look.main.deep)
        + inside(
            sheet,
            fill(sheet, look.main.base),
            fill(box(0, 170, 400, 38), look.main.dark),
            marks[mark],
        )
        + solid(box(56, 98, 252, 116, 50), look.main, 20)
        + _mat_end(look)
    )


def _rolled_mat(look: Look) -> str:
    strap = look.accent if look.chance(1, 0.7) else look.trim
    straps = "".join(line(f"M{x} 104Q{x + 22} 156 {x} 208", strap.base, 16) for x in (104, 226))
    roll = turned(
        look.between(2, -16, -8),
        line("M104 100C104 20 226 20 226 100", strap.dark, 13) if look.words.get("extra") == "carry strap" else "",
        solid(box(44, 98, 264, 116, 50), look.main, 20),
        straps,
        _mat_end(look),
        y=156,
    )
    return shadow(310, 260, x=190) + moved(6, 60, roll)


def water_bottle(look: Look) -> str:
    """A water bottle: a flask of metal, a clear one, or one to drink from while running."""
    if look.named("lid", 0, "screw lid", "straw lid", "sports cap") == "sports cap":
        return _sports_bottle(look)
    clear = look.named("material", 2, "insulated steel", "aluminium", "Tritan", "borosilicate glass")
    return _clear_bottle(look) if clear in ("Tritan", "borosilicate glass") else _flask(look)


def _loop_or_straw(look: Look) -> str:
    if look.words.get("lid") == "straw lid":
        return line("M206 84V62Q206 50 218 50H246", look.accent.base, 14)
    return line("M172 84V64Q172 48 188 48H212Q228 48 228 64V84", look.trim.base, 13)


def _band(look: Look) -> str:
    marks = {
        "peaks": fill("M110 330V270L164 208L196 244L222 222L300 300V330z", look.accent.base),
        "band": fill(box(100, 210, 200, 40), look.accent.base),
        "stripes": fill(box(100, 206, 200, 14), look.accent.base) + fill(box(100, 232, 200, 14), look.accent.base),
        "disc": fill(oval(200, 232, 30), look.accent.base) + fill(oval(200, 232, 13), look.accent.light),
        "dip": fill(box(100, 266, 200, 90), look.main.dark),
    }
    return marks[look.one_of(1, *marks)]


def _flask(look: Look) -> str:
    half = look.between(2, 54, 66)
    left, right = 200 - half, 200 + half
    body = (
        f"M172 112H228Q230 136 {right} 158V318Q{right} 338 {right - 20} 338"
        f"H{left + 20}Q{left} 338 {left} 318V158Q170 136 172 112z"
    )
    return (
        shadow(338, 2 * half + 10)
        + _loop_or_straw(look)
        + solid(body, look.main, 18, _band(look))
        + solid(box(160, 78, 80, 36, 10), look.trim, 8)
        + fill(box(164, 114, 72, 8, 3), STEEL.base)
    )


def _sports_bottle(look: Look) -> str:
    body = (
        "M132 156Q132 140 146 138H254Q268 140 268 156V192Q254 208 254 224T268 256V316Q268 338 246 338"
        "H154Q132 338 132 316V256Q146 240 146 224T132 192z"
    )
    return (
        shadow(338, 150)
        + solid(box(182, 52, 36, 50, 10), look.accent, 8)
        + solid("M150 142Q150 92 200 92T250 142z", look.trim, 8)
        + solid(body, look.main, 18, _band(look))
        + fill(box(136, 134, 128, 14, 7), look.trim.dark)
    )


def _clear_bottle(look: Look) -> str:
    body = box(128, 116, 144, 222, 34)
    level = look.between(3, 160, 210)
    return (
        shadow(338, 150)
        + (
            _loop_or_straw(look)
            if look.words.get("lid") == "straw lid"
            else line("M236 84Q300 84 296 140", look.accent.base, 11)
        )
        + inside(
            body,
            fill(body, lighten(GLASS.base, 0.04)),
            fill(box(100, level, 200, 200), look.main.light),
            fill(box(238, 100, 60, 260), look.main.base),
            fill(f"M100 {level}Q200 {level + 22} 300 {level}V{level + 1}H100z", look.main.base),
        )
        + line(body, look.main.dark, 7)
        + line("M150 150V290", "#ffffff", 10)
        + line("M226 220h20M226 250h20M226 280h20", PAPER.base, 6)
        + solid(box(146, 72, 108, 50, 12), look.trim, 10)
    )
