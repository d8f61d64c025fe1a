"""Pictures of tents."""

from aisle.sample_shop.pictures.drawing import Look, box, fill, line, shadow, solid
from aisle.sample_shop.pictures.palette import STEEL, WOOD


def tent(look: Look) -> str:
    """A tent with its door open: a dome, a tunnel, a light one with a ridge, or one that pops up."""
    kinds = {"dome": _dome_tent, "tunnel": _tunnel_tent, "ultralight": _ridge_tent, "pop-up": _pop_up_tent}
    return kinds[look.named("type", 0, *kinds)](look)


def _pegs(left: int, right: int) -> str:
    return line(f"M{left} 322l-10 -18M{right} 322l10 -18", STEEL.dark, 7)


def _dome_tent(look: Look) -> str:
    wide = look.between(1, 146, 156)
    shell = f"M{200 - wide} 318Q96 102 200 92Q304 102 {200 + wide} 318z"
    return (
        shadow(320, 2 * wide + 10)
        + line(f"M120 196L{190 - wide} 318M280 196L{210 + wide} 318", look.trim.base, 4)
        + _pegs(192 - wide, 208 + wide)
        + solid(shell, look.main, 16, fill("M200 80Q300 180 290 330H420V80z", look.main.dark))
        + fill("M200 152Q140 214 132 318H268Q260 214 200 152z", look.main.deep)
        + fill("M200 152Q140 214 132 318H158Q166 230 200 152z", look.accent.base)
        + fill("M200 152Q260 214 268 318H242Q234 230 200 152z", look.accent.dark)
        + line("M150 112Q200 82 250 112", look.accent.base, 12)
        + line("M200 92V152", look.main.detail, 5)
    )


def _ridge_tent(look: Look) -> str:
    top = look.between(1, 78, 96)
    return (
        shadow(320, 310)
        + _pegs(48, 352)
        + line(f"M200 {top - 14}V{top + 10}", WOOD.base, 11)
        + fill(f"M200 {top}L352 318H48z", look.main.dark)
        + solid(f"M200 {top}L262 318H52z", look.main, 0)
        + fill(f"M200 {top}L352 318H262z", look.main.dark)
        + line(f"M200 {top}L352 318", look.main.light, 6)
        + fill(f"M200 {top + 62}L258 318H142z", look.main.deep)
        + fill(f"M200 {top + 62}L142 318H112Q168 272 200 {top + 62}z", look.accent.base)
        + fill(f"M200 {top + 62}L258 318H288Q232 272 200 {top + 62}z", look.accent.dark)
        + fill(f"M200 {top}L222 {top + 46}H178z", look.accent.base)
    )


def _tunnel_tent(look: Look) -> str:
    back = "M116 318V230Q116 120 214 104H248Q356 122 360 318z"
    front = "M38 318V226Q44 112 130 108T222 226V318z"
    hoops = line("M176 110Q280 120 284 318M234 106Q330 128 334 318", look.accent.base, 9)
    return (
        shadow(320, 330)
        + _pegs(34, 364)
        + solid(back, look.main, 16, fill(box(0, 0, 400, 400), look.main.dark, 0.5), hoops)
        + fill("M130 108Q180 100 230 105L222 240V318H180z", look.main.dark)
        + solid(front, look.main, 10)
        + line("M38 318V226Q44 112 130 108T222 226V318", look.accent.base, 9)
        + fill("M78 318V236Q84 156 130 154T182 236V318z", look.main.deep)
        + fill("M78 318V236Q84 156 130 154Q96 190 100 318z", look.accent.light)
        + fill("M182 318V236Q176 156 130 154Q164 190 160 318z", look.accent.dark)
    )


def _pop_up_tent(look: Look) -> str:
    return (
        shadow(320, 320)
        + _pegs(42, 358)
        + solid(
            "M46 318C40 180 120 112 226 126C310 138 352 220 354 318z",
            look.main,
            16,
            fill("M250 100C330 160 320 260 316 330H420V100z", look.main.dark),
        )
        + line("M48 318C60 190 150 110 250 132", look.accent.base, 9)
        + line("M354 318C340 220 270 150 176 124", look.accent.base, 9)
        + fill("M196 176C130 186 108 250 106 318H262C262 250 246 192 196 176z", look.main.deep)
        + fill("M106 318C108 250 130 186 196 176C160 214 146 260 142 318z", look.accent.base)
    )
