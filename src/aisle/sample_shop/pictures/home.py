"""Pictures of lamps and soft furnishings."""

from aisle.sample_shop.pictures.drawing import Look, box, dotted, fill, inside, line, oval, shadow, solid
from aisle.sample_shop.pictures.palette import BRASS, PAPER, STEEL, WOOD, tones

GLOW = tones("#ffdf8a")


def desk_lamp(look: Look) -> str:
    """A desk lamp that is on: with a jointed arm, a bent neck, a clip, or a dome on a stem."""
    kinds = {"swing-arm": _jointed_lamp, "gooseneck": _bent_lamp, "clip-on": _bent_lamp, "dome": _dome_lamp}
    return kinds[look.named("type", 0, *kinds)](look)


def _bent_lamp(look: Look) -> str:
    neck = f"M150 300C{look.between(2, 96, 116)} 150 150 70 226 92"
    clip = (
        fill(box(60, 286, 240, 20, 6), WOOD.base)
        + fill(box(60, 302, 240, 16, 6), WOOD.dark)
        + solid("M116 256H184V282H140V322H184V344H116Q108 344 108 336V264Q108 256 116 256z", look.main, 8)
    )
    foot = solid("M84 336Q84 306 116 306H184Q216 306 216 336z", look.main, 8)
    clipped = look.words.get("type") == "clip-on"
    return (
        shadow(344 if clipped else 336, 190, x=170)
        + fill("M214 158L310 112L372 318H196z", GLOW.light, 0.75)
        + line(neck, look.trim.base, 15)
        + dotted(neck, look.trim.light, 5, 12)
        + fill("M206 160A52 20 -26 0 0 308 110z", GLOW.base)
        + solid("M202 164Q190 104 226 82T310 106Q316 114 306 118L214 166Q206 170 202 164z", look.main, 13)
        + (clip if clipped else foot)
    )


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
    """A light bulb that shines: frosted, clear around its filament, with radio waves, or a candle."""
    kind = look.named("type", 0, "standard", "filament", "smart", "candle")
    globe = look.chance(4, 0.4)
    pear = "M200 62A92 92 0 0 1 292 154C292 204 246 222 244 266H156C154 222 108 204 108 154A92 92 0 0 1 200 62z"
    round_ = "M160 266Q160 252 150 246A102 102 0 1 1 250 246Q240 252 240 266z"
    flame = (
        "M200 46C240 110 268 140 268 186C268 226 242 240 238 266H162C158 240 132 226 132 186C132 140 160 110 200 46z"
    )
    glass = flame if kind == "candle" else round_ if globe else pear
    glowing = {
        "coil": line("M170 264L176 176L188 198L200 172L212 198L224 176L230 264", "#e2932f", 6),
        "rods": line("M184 262L178 140M200 262V132M216 262L222 140", "#e2932f", 8),
    }
    waves = line("M160 176A56 56 0 0 1 240 176M178 200A32 32 0 0 1 222 200", look.main.base, 10)
    inner = {
        "standard": "",
        "smart": waves + fill(oval(200, 224, 8), look.main.base),
    }.get(kind, glowing[look.one_of(2, *glowing)])
    lights = {"warm white": "#ffdf8a", "neutral white": "#fff0c4", "daylight": "#e6f1fb"}
    light = tones(lights[look.named("tone", 3, *lights)])
    return (
        shadow(346, 110)
        + fill(oval(200, 160, 148), light.light, 0.45)
        + solid(glass, light if inner and kind != "smart" else PAPER, 14, inner)
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
        "bands": "".join(fill(box(60, 120 + 56 * i, 280, 24), colour) for i in range(4)),
        "dots": "".join(dotted(f"M{96 + row % 2 * 26} {112 + 44 * row}H320", colour, 20, 52) for row in range(5)),
        "waves": "".join(line(f"M70 {128 + 48 * row}q32 -32 65 0t65 0t65 0t65 0", colour, 10) for row in range(4)),
        "diamond": line("M200 112L288 200L200 288L112 200z", colour, 12)
        + fill("M200 160L240 200L200 240L160 200z", colour),
        "sun": fill("M120 230A80 80 0 0 1 280 230z", colour) + line("M104 256H296M128 280H272", colour, 10),
        "twig": line(
            "M200 290V120M200 250q-40 -6 -52 -40M200 250q40 -6 52 -40M200 196q-34 -6 -44 -36M200 196q34 -6 44 -36",
            colour,
            9,
        ),
        "flower": "".join(
            fill(oval(200 + x, 200 + y, 26), colour) for x, y in ((0, -38), (36, -12), (22, 31), (-22, 31), (-36, -12))
        )
        + fill(oval(200, 200, 18), look.main.light),
        "button": line("M112 200Q200 190 288 200M200 104Q190 200 200 300", look.main.dark, 5)
        + fill(oval(200, 200, 13), colour),
        "plain": line("M104 110Q112 200 104 292", look.main.light, 6),
    }
    choices = {
        "striped": ("stripes", "bands"),
        "geometric": ("diamond", "dots", "waves", "sun"),
        "embroidered": ("twig", "flower"),
        "plain": ("plain", "button"),
    }
    return weaves[look.one_of(0, *choices[look.named("pattern", 2, *choices)])]


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
    ends = range(left + 12, left + 112, 22)
    edges = {
        "fringes": "".join(line(f"M{x} 288v26", colour, 9) for x in ends),
        "stitched edge": "",
        "pompoms": "".join(fill(oval(x, 296, 11), colour) for x in ends),
    }
    edge = look.named("edge", 3, *edges)
    stitches = dotted(f"M{left + 14} 276H{left + 112}", look.main.deep, 6, 14) if edge == "stitched edge" else ""
    return (
        edges[edge]
        + inside(drape, fill(drape, look.main.light), bands[look.one_of(1, *bands)], stitches)
        + line(f"M{left + 112} 136V286", look.main.deep, 4)
    )
