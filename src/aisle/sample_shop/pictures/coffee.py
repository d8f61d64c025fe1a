"""Pictures of mugs, and of what makes the coffee in them."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import GLASS, INK, PAPER, STEEL, tones

COFFEE = tones("#5a3a2a")


def steam(x: float, y: float) -> str:
    """Two wisps that rise from (x, y)."""
    wisp = "q-16 -18 0 -36t0 -36"
    return line(f"M{x - 20:g} {y:g}{wisp}M{x + 20:g} {y:g}{wisp}", "#ffffff", 9)


def mug(look: Look) -> str:
    """A mug with a handle and something hot in it."""
    foot = look.between(0, 76, 104)
    body = f"M72 148H264V{270}Q264 328 {168 + foot // 2} 328H{168 - foot // 2}Q72 328 72 270z"
    if look.chance(1, 0.4):
        body = box(72, 148, 192, 182, 26)
    glaze = look.accent.base if look.chance(4, 0.6) else look.main.detail
    patterns = {
        "plain": "",
        "band": fill(box(60, 214, 220, 34), glaze),
        "dots": "".join(dotted(f"M{84 + row % 2 * 22} {196 + 36 * row}H270", glaze, 16, 44) for row in range(4)),
        "dip": fill("M60 258Q110 238 168 258T280 258V340H60z", glaze),
        "heart": fill(
            "M168 282C120 250 128 212 150 212Q164 212 168 228Q172 212 186 212C208 212 216 250 168 282z", glaze
        ),
        "peaks": fill("M92 282L140 214L164 248L184 226L232 282z", glaze),
    }
    speckles = "".join(
        dotted(f"M{70 + row * 37 % 29} {186 + 17 * row}H270", look.main.detail, 5, 23 + row % 3 * 6) for row in range(9)
    )
    pattern = speckles if look.words.get("finish") == "speckled" else patterns[look.one_of(2, *patterns)]
    return (
        shadow(328, 200, x=172)
        + steam(168, 124)
        + line("M262 186H286Q324 186 324 222T286 270L256 278", look.main.dark, 24)
        + line("M262 180H286Q320 182 324 210", look.main.light, 6)
        + solid(body, look.main, 18, pattern)
        + fill(oval(168, 150, 96, 24), look.main.light)
        + fill(oval(168, 152, 82, 17), COFFEE.base)
        + fill(oval(150, 150, 34, 7), COFFEE.light)
    )


def coffee_maker(look: Look) -> str:
    """An espresso machine, a filter machine, a French press or a stove-top pot."""
    kinds = {
        "espresso machine": _espresso_machine,
        "filter coffee machine": _filter_machine,
        "French press": _french_press,
        "moka pot": _stove_pot,
    }
    return kinds[look.named("type", 0, *kinds)](look)


def _filter_machine(look: Look) -> str:
    jug = "M130 200H238Q262 244 254 284Q250 304 232 304H136Q118 304 114 284Q106 244 130 200z"
    return (
        shadow(334, 250)
        + solid(box(238, 70, 84, 262, 16), look.main, 14)
        + solid(box(82, 70, 240, 92, look.between(1, 16, 34)), look.main, 12)
        + fill("M140 160H228L214 184H154z", look.trim.base)
        + line("M132 222Q92 222 96 262Q100 282 116 284", look.trim.base, 13)
        + inside(jug, fill(jug, GLASS.base), fill(box(90, look.between(2, 226, 252), 200, 90), COFFEE.base))
        + line("M144 216Q126 244 130 276", GLASS.light, 7)
        + solid(box(126, 190, 116, 18, 8), look.trim, 5)
        + solid(box(76, 304, 248, 30, 13), look.main, 8)
        + fill(oval(284, 200, 14), look.accent.base)
        + line("M276 240h16M276 256h16", look.main.detail, 6)
        + fill(box(104, 98, 84, 14, 7), look.main.detail)
    )


def _espresso_machine(look: Look) -> str:
    return (
        shadow(334, 270)
        + fill(box(104, 62, 192, 26, 10), STEEL.dark)
        + fill(box(96, 168, 208, 146), look.main.deep)
        + solid(box(72, 80, 256, 104, look.between(1, 16, 34)), look.main, 14)
        + fill(oval(128, 130, 28), PAPER.base)
        + line("M128 130L142 116", look.accent.base, 6)
        + "".join(
            fill(oval(x, 130, 11), colour)
            for x, colour in ((206, look.accent.base), (240, STEEL.light), (274, STEEL.light))
        )
        + fill(box(164, 184, 72, 26, 8), STEEL.base)
        + line("M228 206H300", INK.base, 18)
        + fill("M186 210H214L208 226H192z", STEEL.dark)
        + line("M200 226v22", COFFEE.base, 6)
        + solid("M166 250H234V270Q234 300 206 300H194Q166 300 166 270z", PAPER, 8)
        + line("M234 258Q254 258 250 274Q246 284 232 284", PAPER.base, 8)
        + solid(box(66, 302, 268, 32, 12), look.main, 8)
        + line("M110 308H290", look.main.deep, 5)
    )


def _french_press(look: Look) -> str:
    glass = box(112, 122, 148, 198, 14)
    level = look.between(1, 176, 206)
    return (
        shadow(330, 190, x=190)
        + line("M258 162H296Q318 162 318 184V262Q318 284 296 284H258", look.main.base, 19)
        + line("M262 156H296Q318 158 322 176", look.main.light, 5)
        + line("M186 62V120", STEEL.base, 8)
        + inside(
            glass,
            fill(glass, GLASS.light),
            fill(box(100, level, 180, 200), COFFEE.base),
            fill(box(100, level, 180, 10), STEEL.base),
            fill(box(226, 120, 40, 220), COFFEE.deep, 0.35),
        )
        + line("M132 150V290", "#ffffff", 9)
        + fill(box(104, 164, 164, 14, 5), look.main.dark)
        + fill(box(104, 262, 164, 14, 5), look.main.dark)
        + solid(box(104, 304, 164, 26, 10), look.main, 8)
        + solid("M104 128Q104 98 140 98H232Q268 98 268 128z", look.main, 10)
        + fill("M112 116L88 108L106 134z", look.main.dark)
        + solid(oval(186, 60, 19), look.accent if look.chance(2) else look.trim, 7)
    )


def _stove_pot(look: Look) -> str:
    upper = "M132 190L148 96H262L276 190z"
    lower = "M132 206H276L294 312Q296 326 282 326H126Q112 326 114 312z"
    return (
        shadow(328, 210)
        + line("M268 116H316Q326 116 326 128V214", look.trim.base, 19)
        + fill("M148 104L108 112L140 152z", look.main.dark)
        + solid(
            upper,
            look.main,
            12,
            fill("M178 90H204L200 194H168z", look.main.light),
            fill("M232 90H300V194H240z", look.main.dark),
        )
        + solid(
            lower,
            look.main,
            12,
            fill("M176 200H206L202 330H162z", look.main.light),
            fill("M236 200H300V330H250z", look.main.dark),
        )
        + solid(box(124, 184, 160, 26, 9), STEEL, 8)
        + solid("M150 98Q160 76 206 74T262 98z", look.main, 8)
        + solid(box(192, 50, 28, 28, 10), look.accent, 6)
        + fill(oval(154, 262, 9), STEEL.light)
    )


def bean(x: float, y: float, degrees: float, roast: str, crease: str) -> str:
    """A coffee bean around (x, y)."""
    return turned(
        degrees,
        fill(oval(x, y, 26, 18), roast),
        line(f"M{x - 23:g} {y:g}q12 -10 23 0t23 0", crease, 5),
        x=x,
        y=y,
    )


def coffee_beans(look: Look) -> str:
    """A bag of coffee with some beans before it."""
    bag = "M116 92H284L300 300Q302 330 274 330H126Q98 330 100 300z"
    kraft = tones("#c8a06c")
    paper, print_ = (kraft, look.main) if look.chance(0, 0.4) else (look.main, look.accent)
    labels = {
        "disc": fill(oval(200, 204, 62), look.label),
        "band": fill(box(80, 148, 240, 112), look.label),
        "card": fill(box(140, 138, 120, 132, 14), look.label),
    }
    stripe = fill(box(80, look.between(2, 284, 296), 240, 60), print_.base)
    return (
        shadow(332, 240)
        + solid(bag, paper, 18, labels[look.one_of(1, *labels)], stripe)
        + bean(200, 204, -35, print_.base, PAPER.base)
        + solid("M110 66Q110 58 118 58H282Q290 58 290 66L286 112H114z", paper, 8, line("M100 96H300", paper.dark, 5))
        + line("M112 112H288", print_.dark, 8)
        + bean(96, 322, 20, COFFEE.light, COFFEE.deep)
        + bean(136, 334, -25, COFFEE.base, COFFEE.deep)
        + bean(308, 326, -30, COFFEE.base, COFFEE.deep)
    )
