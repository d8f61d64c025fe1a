"""Values as JSON types: the same shape on the command line as over HTTP."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from aisle.records import item_to_dict, time_to_text
from aisle.types import Item


def plain(value: Any) -> Any:
    """`value` as JSON types: values become objects by field, items without their empty fields, times ISO 8601.

    >>> plain((Path("a"), {"item": Item("a1", "Blue mug")}))
    ['a', {'item': {'item_id': 'a1', 'title': 'Blue mug'}}]
    """
    if isinstance(value, Item):
        return item_to_dict(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return time_to_text(value)
    return str(value) if isinstance(value, Path) else value
