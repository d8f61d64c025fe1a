"""The JSON form of an item and of an event, the same in the store, in a release and over HTTP.

Empty fields are left out, times are ISO 8601 in UTC ("2026-01-31T12:00:00Z"), tuples are lists.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aisle.errors import InputError, nearest
from aisle.types import AttributeValue, Event, Item, Translation

_Convert = Callable[[str, object], Any]


def item_to_dict(item: Item) -> dict[str, Any]:
    """The item as plain JSON values, without its empty fields.

    >>> item_to_dict(Item("a1", "Blue mug", category=("Kitchen",), price=4.5))
    {'item_id': 'a1', 'title': 'Blue mug', 'category': ['Kitchen'], 'price': 4.5}
    """
    data = _filled(item, _ITEM_FIELDS)
    if item.category:
        data["category"] = list(item.category)
    if item.released_at is not None:
        data["released_at"] = time_to_text(item.released_at)
    if item.attributes:
        data["attributes"] = _attributes_to_dict(item.attributes)
    if item.translations:
        data["translations"] = {code: _translation_to_dict(text) for code, text in item.translations.items()}
    return data


def item_from_dict(data: object) -> Item:
    """The item that `data` describes; null counts as absent.

    Raises InputError when `data` is not an object, has a field that items do not have (naming the
    nearest one), or holds a value of the wrong type or out of range.

    >>> item_from_dict({"item_id": "a1", "title": "Blue mug", "price": 4}).price
    4.0
    """
    values = _converted("item", data, _ITEM_FIELDS)
    return Item(**{"item_id": "", "title": "", **values})


def restore_item(data: Mapping[str, Any]) -> Item:
    """The item that `item_to_dict` turned into `data`, unchecked: for what a store or a release has kept."""
    item = object.__new__(Item)
    for name, put, default in _ITEM_SCALARS:
        put(item, data.get(name, default))
    released_at = data.get("released_at")
    _put_released_at(item, datetime.fromisoformat(released_at) if released_at else None)
    _put_category(item, tuple(data.get("category", ())))
    _put_attributes(item, _restored_attributes(data))
    _put_translations(item, {code: _restored_translation(part) for code, part in data.get("translations", {}).items()})
    return item


def event_to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, without its empty fields."""
    data = _filled(event, _EVENT_FIELDS)
    data["timestamp"] = time_to_text(event.timestamp)
    return data


def event_from_dict(data: object) -> Event:
    """The event that `data` describes; null counts as absent.

    An absent `event_id` becomes a random UUID, an absent `timestamp` the present time. Give an
    `event_id` where a batch may be sent twice: the store keeps each one once. Raises InputError
    as `item_from_dict` does.
    """
    values = _converted("event", data, _EVENT_FIELDS)
    if "kind" not in values:
        raise InputError('kind of the event is missing; give one, such as "kind": "click"')
    if "event_id" not in values:
        values["event_id"] = str(uuid4())
    if "timestamp" not in values:
        values["timestamp"] = datetime.now(UTC)
    return Event(**values)


def time_to_text(time: datetime) -> str:
    """A UTC time as ISO 8601 with a Z.

    >>> time_to_text(datetime(2026, 1, 31, 12, tzinfo=UTC))
    '2026-01-31T12:00:00Z'
    """
    return time.isoformat().removesuffix("+00:00") + "Z"


def time_from_text(name: str, text: str) -> datetime:
    """The UTC time that ISO 8601 `text` means; a date alone is its midnight.

    Raises InputError, naming the field `name`, when it is not ISO 8601, has no UTC offset or lies
    outside the years 1 to 9999.
    """
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None and len(text) > len("2026-01-31"):
            raise InputError(f"{name}={text!r} has no UTC offset; append Z when it is in UTC")
        return time.replace(tzinfo=UTC) if time.tzinfo in (None, UTC) else time.astimezone(UTC)
    except InputError:
        raise
    except (ValueError, OverflowError) as error:
        raise InputError(f'{name}={text!r} is not a time; expected ISO 8601 such as "2026-01-31T12:00:00Z"') from error


def _filled(record: Item | Event, known: Mapping[str, _Convert]) -> dict[str, Any]:
    data = {}
    for name in known:
        value = getattr(record, name)
        if value or value == 0:
            data[name] = value
    return data


def _converted(noun: str, data: object, known: Mapping[str, _Convert]) -> dict[str, Any]:
    """The values of `data`, each as its field wants it. `noun` is what the caller calls the whole."""
    if not isinstance(data, Mapping):
        raise InputError(f"{noun} is {_shown(data)}; expected an object with fields")
    values = {}
    for name, value in data.items():
        if value is None:
            continue
        convert = known.get(name)
        if convert is None:
            raise InputError(f'unknown field "{name}" of {noun}; {nearest(str(name), known)}')
        values[name] = convert(name, value)
    return values


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise InputError(f"{name}={_shown(value)}; expected text")


def _number(name: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise InputError(f"{name}={_shown(value)}; expected a number")


def _count(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise InputError(f"{name}={_shown(value)}; expected a whole number")


def _time(name: str, value: object) -> datetime:
    if isinstance(value, str):
        return time_from_text(name, value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    raise InputError(f'{name}={_shown(value)}; expected ISO 8601 text such as "2026-01-31T12:00:00Z"')


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise InputError(f"{name}={_shown(value)}; expected a list of texts")


def _attribute(name: str, value: object) -> AttributeValue:
    if isinstance(value, str | float | int):
        return value
    if isinstance(value, list | tuple):
        return _texts(f'attribute "{name}"', value)
    raise InputError(f'attribute "{name}"={_shown(value)}; expected text, a number, true, false or a list of texts')


def _attributes(name: str, value: object) -> dict[str, AttributeValue]:
    if not isinstance(value, Mapping):
        raise InputError(f'{name}={_shown(value)}; expected an object such as {{"colour": "blue"}}')
    filled = {key: part for key, part in value.items() if part is not None}
    return {_text("the name of an attribute", key): _attribute(key, part) for key, part in filled.items()}


def _translations(name: str, value: object) -> dict[str, Translation]:
    if not isinstance(value, Mapping):
        raise InputError(f'{name}={_shown(value)}; expected an object such as {{"zh": {{"title": "..."}}}}')
    return {
        _text("the language of a translation", code): Translation(
            **_converted(f'translation "{code}"', part, _TRANSLATION_FIELDS)
        )
        for code, part in value.items()
        if part is not None
    }


def _translation_to_dict(translation: Translation) -> dict[str, Any]:
    data = {name: value for name in _TRANSLATION_FIELDS if (value := getattr(translation, name))}
    if translation.category:
        data["category"] = list(translation.category)
    if translation.attributes:
        data["attributes"] = _attributes_to_dict(translation.attributes)
    return data


def _attributes_to_dict(attributes: Mapping[str, AttributeValue]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()}


def _restored_attributes(data: Mapping[str, Any]) -> dict[str, AttributeValue]:
    attributes = data.get("attributes", {})
    return {name: tuple(value) if type(value) is list else value for name, value in attributes.items()}


def _restored_translation(data: Mapping[str, Any]) -> Translation:
    return Translation(
        title=data.get("title", ""),
        description=data.get("description", ""),
        category=tuple(data.get("category", ())),
        attributes=_restored_attributes(data),
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


_ITEM_FIELDS: dict[str, _Convert] = {
    "item_id": _text,
    "title": _text,
    "description": _text,
    "brand": _text,
    "category": _texts,
    "price": _number,
    "currency": _text,
    "stock": _count,
    "rating": _number,
    "rating_count": _count,
    "url": _text,
    "image_url": _text,
    "gtin": _text,
    "group_id": _text,
    "released_at": _time,
    "attributes": _attributes,
    "translations": _translations,
}
_TRANSLATION_FIELDS: dict[str, _Convert] = {
    "title": _text,
    "description": _text,
    "category": _texts,
    "attributes": _attributes,
}
_EVENT_FIELDS: dict[str, _Convert] = {
    "event_id": _text,
    "kind": _text,
    "timestamp": _time,
    "user_id": _text,
    "session_id": _text,
    "item_id": _text,
    "query": _text,
    "query_id": _text,
    "rank": _count,
    "value": _number,
    "surface": _text,
}

# A frozen dataclass is filled past its checks through the descriptors of its slots: three times as
# fast as its constructor, and a page of search results restores twenty items.
_ITEM_SCALARS = [
    (field.name, getattr(Item, field.name).__set__, None if field.default is MISSING else field.default)
    for field in fields(Item)
    if _ITEM_FIELDS[field.name] in (_text, _number, _count)
]
_put_category = getattr(Item, "category").__set__  # noqa: B009
_put_released_at = getattr(Item, "released_at").__set__  # noqa: B009
_put_attributes = getattr(Item, "attributes").__set__  # noqa: B009
_put_translations = getattr(Item, "translations").__set__  # noqa: B009
