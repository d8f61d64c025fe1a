"""The models that a shop made itself: folders in models/ of the shop's, each with an aisle.json that says how."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisle.encoders import located
from aisle.encoders.families import read_json
from aisle.errors import InputError

MODELS = "models"
"""Folder of a shop's own models, inside the shop's."""


def check_name(name: str) -> None:
    """Raise InputError unless `name` can be that of a folder in MODELS; an empty one stands for the usual name."""
    if not re.fullmatch(r"[\w.-]*", name) or name.startswith("."):
        raise InputError(f"name={name!r}; expected letters, digits, dots and dashes: it names a folder in {MODELS}/")


def origin(model: str, folder: Path) -> str:
    """What `model`, as named in the settings of the shop in `folder`, was made from before it was tuned or compressed.

    Learning anew starts there: the model at hand has seen queries that may be drawn to measure on now. `model` itself
    where the shop did not make it, or pre-trained it.
    """
    told = read_json(Path(located(model, folder)).expanduser() / "aisle.json")
    return str(told.get("origin") or model)


def command_line(command: str, options: Mapping[str, Any]) -> str:
    """How the shell would ask for `command`; True stands for an option that takes no value, what is empty is left out.

    >>> command_line("aisle compress", {"keep": "int8", "from": "my model", "use": True, "seed": 0})
    "aisle compress --keep int8 --from 'my model' --use"
    """
    words = [
        word
        for name, value in options.items()
        if value
        for word in ((f"--{name}",) if value is True else (f"--{name}", str(value)))
    ]
    return shlex.join([*command.split(), *words])
