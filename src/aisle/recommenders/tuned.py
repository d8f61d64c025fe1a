"""The hyper-parameters that tuning found, in a file of the shop: what the next build learns with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisle.errors import SettingsError
from aisle.recommenders.models import MODELS, model_kind

FILE_NAME = "tuned.json"


def write_tuned(folder: Path, params: Mapping[str, Mapping[str, Any]]) -> Path:
    """Keep `params`, by model, in `folder`/tuned.json; models that are not named keep what was there."""
    path = folder / FILE_NAME
    kept = {**read_tuned(folder), **{name: dict(of) for name, of in params.items()}}
    # Written beside and moved, so that a build that reads meanwhile sees the old or the new.
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    beside.replace(path)
    return path


def read_tuned(folder: Path) -> dict[str, dict[str, Any]]:
    """The hyper-parameters by model that `write_tuned` kept; none before the first tuning.

    Raises SettingsError when the file is damaged, or names a model or hyper-parameter that does not exist.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
        told = {str(name): dict(params) for name, params in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path} is damaged ({error}); delete it, or run: aisle tune") from error
    known = {kind.name for kind in MODELS}
    for name, params in told.items():
        strange = sorted(set(params) - set(model_kind(name).defaults)) if name in known else [name]
        if strange:
            raise SettingsError(f"{path} names {', '.join(strange)}, which this Aisle does not have; run: aisle tune")
    return told
