"""Pictures of lamps and soft furnishings."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid
from aisle.sample_shop.pictures.palette import BRASS, PAPER, STEEL, tones

GLOW = tones("#ffdf8a")


def desk_lamp(look: Look) -> str:
    """A desk lamp that is on: a jointed arm, or a dome on a stem."""
    return _jointed_lamp(look) if look.chance(0, 0.6) else _dome_lamp(look)


def _jointed_lamp(look: Look) -> str:
    metal = BRASS if look.chance(1, 0.4) else look.trim
    knee = look.between(2, 92, 112)
    return (
        shadow(336, 190, x=160)
        + fill("M214 176L312 132L372 318H188z", GLOW.light, 0.75)
        + line(f"M160 318L{knee} 204L214 106", metal.base, 13)
        + line(f"M157 306L{knee - 3} 203L208 104", metal.light, 4)
        + fill(oval(knee, 204, 15), look.main.dark)
        + fill(oval(knee, 204, 6), metal.light)
        + fill("M206 174A54 20 -24 0 0 312 128z", GLOW.base)
        + solid("M200 178Q186 112 228 88T318 126Q322 134 312 138L212 182Q203 186 200 178z", look.main, 14)
        + fill(oval(222, 92, 14), look.main.dark)
        + solid("M84 336Q84 306 118 306H202Q236 306 236 336z", look.main, 8)
    )


def _dome_lamp(look: Look) -> str:
    metal = BRASS if look.chance(1) else look.trim
    wide = look.between(2, 98, 116)
    left, right = 200 - wide, 200 + wide
    shade = (
        f"M{left} 190Q{left + 4} 76 200 76T{right} 190Q{right} 202 {right - 12} 202H{left + 12}Q{left} 202 {left} 190z"
    )
    return (
        shadow(334, 170)
        + fill(f"M{left + 10} 196H{right - 10}L{right + 14} 326H{left - 14}z", GLOW.light, 0.7)
        + solid(box(188, 196, 24, 124, 6), metal, 8)
        + fill(oval(200, 202, 40, 20), GLOW.base)
        + solid(shade, look.main, 18, fill(box(60, 170, 280, 12), look.accent.base) if look.chance(3) else "")
        + solid(box(192, 60, 16, 20, 6), metal, 4)
        + solid(box(124, 312, 152, 24, 12), look.main, 6)
    )


def light_bulb(look: Look) -> str:
    """A light bulb that shines: a pear, a globe or a candle."""
    glass = {
        "pear": "M200 62A92 92 0 0 1 292 154C292 204 246 222 244 266H156C154 222 108 204 108 154A92 92 0 0 1 200 62z",
        "globe": "M160 266Q160 252 150 246A102 102 0 1 1 250 246Q240 252 240 266z",
        "candle": "M200 46C240 110 268 140 268 186C268 226 242 240 238 266"
        "H162C158 240 132 226 132 186C132 140 160 110 200 46z",
    }[look.one_of(0, "pear", "globe", "candle")]
    thread = {
        "coil": line("M170 264L176 176L188 198L200 172L212 198L224 176L230 264", tones("#e2932f").base, 6),
        "rods": line("M184 262L178 140M200 262V132M216 262L222 140", tones("#e2932f").base, 8),
    }
    frosted = look.chance(1, 0.3)
    light = tones(look.one_of(3, "#ffdf8a", "#ffc66b", "#fff0c4"))
    return (
        shadow(346, 110)
        + fill(oval(200, 160, 148), light.light, 0.6)
        + solid(glass, PAPER if frosted else light, 14, "" if frosted else thread[look.one_of(2, *thread)])
        + line("M138 150Q142 112 172 98", "#ffffff", 10)
        + fill(box(152, 258, 96, 20, 8), look.main.base)
        + solid(
            box(158, 276, 84, 52, 10),
            STEEL,
            10,
            line("M150 292L250 284M150 310L250 302M150 328L250 320", STEEL.dark, 6),
        )
        + fill("M176 328H224L214 344H186z", look.trim.base)
    )


def cushion(look: Look) -> str:
    """A plump cushion, plain or patterned."""
    body = (
        "M88 96Q76 72 100 78Q200 98 300 78Q324 72 312 96Q294 200 312 304"
        "Q324 330 300 324Q200 304 100 324Q76 330 88 304Q106 200 88 96z"
    )
    return shadow(328, 230) + solid(body, look.main, 20, _weave(look)) + _cushion_edge(look)


def _weave(look: Look) -> str:
    colour = look.accent.base if look.chance(4, 0.6) else look.main.detail
    weaves = {
        "stripes": "".join(fill(box(112 + 52 * i, 60, 22, 280), colour) for i in range(4)),
        "dots": "".join(dotted(f"M{96 + row % 2 * 26} {112 + 44 * row}H320", colour, 20, 52) for row in range(5)),
        "waves": "".join(line(f"M70 {128 + 48 * row}q32 -32 65 0t65 0t65 0t65 0", colour, 10) for row in range(4)),
        "diamond": line("M200 112L288 200L200 288L112 200z", colour, 12)
        + fill("M200 160L240 200L200 240L160 200z", colour),
        "sun": fill("M120 230A80 80 0 0 1 280 230z", colour) + line("M104 256H296M128 280H272", colour, 10),
        "plain": line("M112 200Q200 190 288 200M200 104Q190 200 200 300", look.main.dark, 5)
        + fill(oval(200, 200, 13), colour),
    }
    return weaves[look.one_of(0, *weaves)]


def _cushion_edge(look: Look) -> str:
    if look.chance(1, 0.4):
        corners = ((90, 82), (310, 82), (90, 320), (310, 320))
        return "".join(
            fill(oval(x, y, 14), look.accent.base) + fill(oval(x - 4, y - 4, 5), look.accent.light) for x, y in corners
        )
    return ""


def blanket(look: Look) -> str:
    """A folded blanket, its upper layer hanging over the front."""
    layers = "".join(
        solid(
            box(54, 268 - 60 * layer, 292, 64, 32),
            look.main,
            10,
            line(f"M84 {300 - 60 * layer}H340", look.main.dark, 5),
        )
        for layer in range(3)
    )
    left = look.between(0, 104, 184)
    drape = box(left, 128, 112, 160, 12)
    return shadow(332, 290) + layers + _drape(look, drape, left)


def _drape(look: Look, drape: str, left: int) -> str:
    colour = look.accent.base if look.chance(4, 0.6) else look.main.detail
    bands = {
        "bands": "".join(fill(box(left, y, 112, 16), colour) for y in (172, 206, 240)),
        "check": "".join(fill(box(left, y, 112, 12), colour) for y in (160, 200, 240))
        + line(f"M{left + 36} 120V310M{left + 76} 120V310", colour, 12),
        "zigzag": "".join(
            line(f"M{left - 4} {y}l20 -16l20 16l20 -16l20 16l20 -16l20 16", colour, 8) for y in (184, 216, 248)
        ),
        "border": fill(box(left, 250, 112, 26), colour),
    }
    fringe = "".join(line(f"M{left + 12 + 22 * i} 288v26", colour, 9) for i in range(5))
    return (
        fringe
        + inside(drape, fill(drape, look.main.light), bands[look.one_of(1, *bands)])
        + line(f"M{left + 112} 136V286", look.main.deep, 4)
    )
