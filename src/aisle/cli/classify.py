"""`aisle classify`: what does a model that was taught to tell texts apart say of these?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from aisle.cli.console import print_json, show, table
from aisle.cli.options import HERE, AsJson, ShopFolder, wrong_call
from aisle.errors import InputError


def classify(
    model: Annotated[
        str, typer.Argument(help="A model of `aisle finetune --task classify`: its folder, or its name in models/.")
    ],
    texts: Annotated[
        list[str] | None, typer.Argument(help="Texts; none: the lines of standard input.", metavar="[TEXT]...")
    ] = None,
    shop: ShopFolder = HERE,
    json: AsJson = False,
) -> None:
    """Say the class of each text with its probability, or the number that the model foretells.

    The class is empty where the text is out of scope.
    """
    from aisle.encoders import load_classifier  # noqa: PLC0415 - `--help` need not wait for it

    asked = texts or [line.strip() for line in sys.stdin if line.strip()]
    with wrong_call():
        if not asked:
            raise InputError("no text to classify; give some, or lines on standard input")
    named = shop / "models" / model
    classifier = load_classifier(named if named.is_dir() else Path(model))
    told: list[dict[str, str | float]]
    if classifier.classes:
        found = zip(asked, classifier.predict(asked), strict=True)
        told = [{"text": text, "label": one.name, "probability": one.probability} for text, one in found]
    else:
        numbers = zip(asked, classifier.values(asked).tolist(), strict=True)
        told = [{"text": text, "value": value} for text, value in numbers]
    if json:
        return print_json(told)
    columns = tuple(told[0])
    show(table(columns, [tuple(map(_shown, one.values())) for one in told], right=columns[-1:]))


def _shown(value: str | float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else value or "(none)"
