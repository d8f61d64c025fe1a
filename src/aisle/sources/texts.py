"""Makes text fit to show and to search: HTML becomes plain text, entities their characters, white space one space."""

import html
import re

from aisle.errors import InputError
from aisle.types import MAX_TEXT_LENGTH, check_text

_MARKUP = re.compile(r"<!--|</?([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
"""Only with its semicolon: "M&notes" is no entity."""
_HIDDEN = frozenset({"script", "style"})
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}
)


def text(name: str, value: object) -> str:
    """`value` as one line of text: entities decoded, white space collapsed; the first value of a list.

    Raises InputError for control characters, texts over 100,000 characters and values that are no text.

    >>> text("title", " AT&amp;T  phone ")
    'AT&T phone'
    """
    return _collapsed(name, _unescaped(_string(name, value)))


def identifier(name: str, value: object) -> str:
    """`value` as an id, an address or a query: only trimmed; the first value of a list.

    Whole floats lose their point (123.0 is "123", as ids come out of Pandas). Raises InputError for values that are
    no text.

    >>> identifier("url", " /?a=1&copy=2 "), identifier("item_id", 123.0)
    ('/?a=1&copy=2', '123')
    """
    return _string(name, value).strip()


def plain_text(name: str, value: object) -> str:
    """The text of a piece of HTML (or of plain text): tags, comments, scripts and styles left out.

    Block tags part words, inline tags do not. HTML that was escaped once more is understood too. Raises
    InputError as `text` does.

    >>> plain_text("description", "<p><b>USB</b>-C</p><ul><li>1&nbsp;m</li><li>black</li></ul>")
    'USB-C 1 m black'
    """
    if not isinstance(value, str):
        return text(name, value)
    if "<" in value:
        value = _without_tags(value)
    if "&" in value:
        value = _unescaped(value)
        if "</" in value or "/>" in value:
            value = _unescaped(_without_tags(value))
    return _collapsed(name, value)


def _collapsed(name: str, value: str) -> str:
    collapsed = value.strip(" \t\r\n")
    if collapsed.isprintable() and "  " not in collapsed and len(collapsed) <= MAX_TEXT_LENGTH:
        return collapsed
    # Before split(), which takes some control characters for white space.
    check_text(name, collapsed, 10 * MAX_TEXT_LENGTH)
    collapsed = " ".join(collapsed.split())
    check_text(name, collapsed)
    return collapsed


def _unescaped(value: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found.group()), value) if "&" in value else value


def _string(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        value = next((one for one in value if one is not None and one != ""), "")
    return value if isinstance(value, str) else _scalar(name, value)


def _scalar(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        raise InputError(f"{name} is binary data; expected text")
    if isinstance(value, dict):
        raise InputError(f"{name} is an object with the keys {sorted(map(str, value))}; expected text")
    return str(value)


def _without_tags(markup: str) -> str:
    """One pass from left to right, so that broken markup cannot make it slow."""
    kept, position, hidden = [], 0, ""
    while found := _MARKUP.search(markup, position):
        if not hidden:
            kept.append(markup[position : found.start()])
        position = found.end()
        if found.group() == "<!--":
            end = markup.find("-->", position)
            position = len(markup) if end < 0 else end + 3
            continue
        tag, closing = found.group(1).lower(), found.group().startswith("</")
        if hidden:
            hidden = "" if closing and tag == hidden else hidden
        elif tag in _HIDDEN and not closing:
            hidden = tag
        elif tag not in _INLINE:
            kept.append(" ")
    if not hidden:
        kept.append(markup[position:])
    return "".join(kept)
