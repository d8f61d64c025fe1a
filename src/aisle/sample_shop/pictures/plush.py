"""Pictures of plush animals, all sitting in the same way."""

from aisle.sample_shop.pictures.drawing import Look, box, fill, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import INK, PAPER, Tones, distance, tones

EYE = "#14161c"
BEAK = tones("#ee9a34")


def plush_toy(look: Look) -> str:
    """A plush animal of its kind, sitting, in its colour."""
    kinds = {
        "bear": _bear,
        "rabbit": _rabbit,
        "elephant": _elephant,
        "fox": _fox,
        "panda": _panda,
        "dinosaur": _dinosaur,
        "penguin": _penguin,
    }
    bow = fill("M200 222L160 202Q152 222 160 242zM200 222L240 202Q248 222 240 242z", look.accent.base)
    bow += fill(oval(200, 222, 12), look.accent.dark)
    return shadow(336, 220) + kinds[look.named("animal", 0, *kinds)](look) + (bow if look.chance(1, 0.6) else "")


def _ball(x: float, y: float, rx: float, ry: float, fur: Tones) -> str:
    return fill(oval(x, y, rx, ry), fur.dark) + fill(oval(x - 3, y - 3, rx - 4, ry - 4), fur.base)


def _pale(look: Look) -> str:
    """A paler patch of the same fur."""
    return tones(look.main.light).light


def _sitting(fur: Tones, limbs: Tones, belly: str, soles: str) -> str:
    return (
        "".join(_ball(x, 250, 30, 48, limbs) for x in (120, 280))
        + solid(oval(200, 270, 82, 72), fur, 14, fill(oval(200, 284, 44, 42), belly))
        + "".join(_ball(x, 310, 38, 30, limbs) + fill(oval(x, 313, 19, 16), soles) for x in (136, 264))
    )


def _eyes(y: int = 138, spread: int = 40) -> str:
    return "".join(
        fill(oval(x, y, 11), EYE) + fill(oval(x - 4, y - 4, 4), "#ffffff") for x in (200 - spread, 200 + spread)
    )


def _nose(patch: str) -> str:
    return (
        fill(oval(200, 174, 38, 29), patch)
        + fill("M186 160Q200 152 214 160Q210 176 200 178Q190 176 186 160z", EYE)
        + line("M200 178V188Q190 198 180 190M200 188Q210 198 220 190", EYE, 5)
    )


def _bear(look: Look) -> str:
    ears = "".join(_ball(x, 88, 33, 33, look.main) + fill(oval(x, 92, 17), look.accent.light) for x in (132, 268))
    head = solid(oval(200, 146, 94, 80), look.main, 16)
    return _sitting(look.main, look.main, _pale(look), _pale(look)) + ears + head + _nose(_pale(look)) + _eyes()


def _rabbit(look: Look) -> str:
    ears = "".join(
        turned(
            angle,
            solid(box(x - 25, 0, 50, 140, 25), look.main, 8),
            fill(box(x - 11, 18, 22, 104, 11), look.accent.light),
            x=x,
            y=130,
        )
        for x, angle in ((160, -9), (240, 9))
    )
    nose = (
        fill(oval(182, 180, 22, 18), _pale(look))
        + fill(oval(218, 180, 22, 18), _pale(look))
        + fill("M188 162H212L200 176z", look.accent.dark)
        + line("M200 176v10", EYE, 5)
    )
    head = solid(oval(200, 146, 90, 78), look.main, 16) + nose + _eyes()
    return moved(20, 33.6, _sitting(look.main, look.main, _pale(look), _pale(look)) + ears + head, scale=0.9)


def _elephant(look: Look) -> str:
    ears = "".join(_ball(x, 140, 56, 62, look.main) + fill(oval(x, 144, 34, 40), look.accent.light) for x in (102, 298))
    trunk = (
        "M182 150Q184 138 200 138T218 150Q220 196 240 204Q258 206 256 190"
        "Q274 186 276 204Q274 236 236 232Q178 222 182 150z"
    )
    folds = line("M190 166h20M192 182h20M198 198h18", look.main.deep, 5)
    return (
        _sitting(look.main, look.main, _pale(look), PAPER.base)
        + ears
        + solid(oval(200, 140, 84, 78), look.main, 14)
        + solid(trunk, look.main, 8)
        + line(trunk, look.main.dark, 4)
        + folds
        + _eyes(126, 42)
    )


def _fox(look: Look) -> str:
    white = PAPER.base if distance(look.main.base, PAPER.base) > 0.1 else look.accent.light
    tail = solid(
        "M262 320C344 320 372 250 336 190C318 236 280 240 256 280z",
        look.main,
        8,
        fill("M300 150H380V226Q330 240 300 222z", white),
    )
    ears = solid("M104 146L106 48Q108 36 120 44L198 92z", look.main, 8) + solid(
        "M296 146L294 48Q292 36 280 44L202 92z", look.main, 8
    )
    ears += fill("M124 112L126 72L162 94zM276 112L274 72L238 94z", look.trim.base)
    cheeks = fill("M60 168Q150 136 200 178Q250 136 340 168Q320 250 200 244T60 168z", white)
    face = "M200 222Q120 214 104 140Q104 76 200 76T296 140Q280 214 200 222z"
    return (
        tail
        + _sitting(look.main, look.trim, white, look.trim.light)
        + ears
        + solid(face, look.main, 14, cheeks)
        + _eyes(142, 42)
        + fill("M184 190Q200 182 216 190Q212 206 200 208Q188 206 184 190z", EYE)
    )


def _panda(look: Look) -> str:
    dark = look.main if distance(look.main.base, PAPER.base) > 0.25 else INK
    ears = "".join(_ball(x, 88, 33, 33, dark) for x in (132, 268))
    patches = turned(24, fill(oval(160, 142, 22, 28), dark.base), x=160, y=142)
    patches += turned(-24, fill(oval(240, 142, 22, 28), dark.base), x=240, y=142)
    head = solid(oval(200, 146, 94, 80), PAPER, 16)
    return _sitting(PAPER, dark, PAPER.light, dark.light) + ears + head + patches + _nose(PAPER.light) + _eyes()


def _dinosaur(look: Look) -> str:
    spikes = fill("M176 76L190 34L208 72L236 42L246 84L284 66L280 112L316 110L288 156z", look.accent.base)
    tail = solid("M262 322C320 330 366 300 372 246C340 280 300 270 262 262z", look.main, 8)
    bands = line("M168 268H232M162 290H238M170 310H230", look.main.dark, 6)
    return (
        tail
        + spikes
        + _sitting(look.main, look.main, _pale(look), look.accent.light)
        + bands
        + solid("M200 72C262 72 294 110 292 152Q288 216 200 218T108 168C108 108 144 72 200 72z", look.main, 16)
        + fill("M112 176Q150 206 222 190Q206 216 168 214Q124 208 112 176z", _pale(look))
        + fill(oval(132, 160, 5), look.main.deep)
        + fill(oval(158, 154, 5), look.main.deep)
        + _eyes(126, 36)
        + fill(oval(262, 166, 15, 10), look.accent.light)
    )


def _penguin(look: Look) -> str:
    white = PAPER.base if distance(look.main.base, PAPER.base) > 0.1 else look.accent.light
    wings = solid("M116 176Q56 220 62 286Q98 282 124 250z", look.main, 6) + solid(
        "M284 176Q344 220 338 286Q302 282 276 250z", look.main, 6
    )
    body = "M200 58C284 58 300 130 304 222Q306 326 200 326T96 222C100 130 116 58 200 58z"
    face = (
        "M200 122C212 92 262 94 262 142C262 170 250 176 262 214"
        "Q276 310 200 310T138 214C150 176 138 170 138 142C138 94 188 92 200 122z"
    )
    feet = "".join(_ball(x, 322, 36, 16, BEAK) for x in (154, 246))
    return (
        wings
        + feet
        + solid(body, look.main, 16, fill(face, white))
        + _eyes(140, 32)
        + solid("M178 164Q200 150 222 164Q214 186 200 188Q186 186 178 164z", BEAK, 5)
        + "".join(fill(oval(x, 172, 13, 9), look.accent.light) for x in (152, 248))
    )
