"""The filter language: `price < 20 AND (brand = "Sony" OR brand = "Acme") AND NOT color IN ["red", "blue"]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from aisle.errors import InputError

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Value = str | float | bool
MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Compare:
    """`field` stands in relation `operator` to `value`. An item without the field passes only "!="."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`field` has one of `values`."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`field` has a value from `low` to `high`, both included."""

    field: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Exists:
    """The item says something of `field`."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    """What does not pass `part`."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class All:
    """What passes every one of `parts`."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What passes at least one of `parts`."""

    parts: tuple["Filter", ...]


Filter = Compare | OneOf | Between | Exists | Not | All | AnyOf

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])) |
        (?P<string>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*') |
        (?P<operator><=|>=|!=|<|>|==?|:) |
        (?P<mark>[()\[\],]) |
        (?P<word>[^\W\d][\w.\-]*)
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_OPERATORS: Mapping[str, Operator] = {
    "=": "=", "==": "=", ":": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_KEYWORDS = {"and", "or", "not", "in", "true", "false"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse_filter(text: str) -> Filter | None:
    """The filter that `text` says, or None for an empty text.

    Fields are item fields (price, brand, category, rating, stock, in_stock, ...) and attribute
    names; names with spaces are quoted. Operators: = (also written == or :) != < <= > >=, IN [..],
    `price 10 TO 20` (both included), EXISTS field, AND, OR, NOT and parentheses; AND binds tighter
    than OR. `NOT EXISTS field` keeps items that lack it. A category equals every path above it:
    `category = "Electronics"` holds for ("Electronics", "Audio").
    Raises InputError with the position of the first mistake.

    >>> parse_filter("price < 20")
    Compare(field='price', operator='<', value=20.0)
    >>> parse_filter("price: 10 TO 20")
    Between(field='price', low=10.0, high=20.0)
    """
    if not text.strip():
        return None
    parser = _Parser(text)
    found = parser.any_of(0)
    parser.expect_end()
    return found


def quote(value: str) -> str:
    """`value` as a string of the filter language.

    >>> quote('24" screen')
    '"24\\\\" screen"'
    """
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spell(field: str) -> str:
    """The name of a field as it is written in a filter: in quotes where it could not be read otherwise.

    >>> spell("color"), spell("2nd_color"), spell("in")
    ('color', '"2nd_color"', '"in"')
    """
    plain = _NAME.fullmatch(field) and field.lower() not in _KEYWORDS
    return field if plain else quote(field)


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.next = 0

    def any_of(self, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise self.mistake(f"is nested deeper than {MAX_DEPTH} levels", "simplify it")
        parts = [self.all_of(depth)]
        while self.take_keyword("or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self, depth: int) -> Filter:
        parts = [self.term(depth)]
        while self.take_keyword("and"):
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def term(self, depth: int) -> Filter:
        if self.take_keyword("not"):
            if depth > MAX_DEPTH:
                raise self.mistake(f"is nested deeper than {MAX_DEPTH} levels", "simplify it")
            return Not(self.term(depth + 1))
        if self.take_mark("("):
            inner = self.any_of(depth + 1)
            self.expect_mark(")")
            return inner
        return self.comparison()

    def comparison(self) -> Filter:
        if self.asks_whether_it_exists():
            self.next += 1
            return Exists(self.field())
        field = self.field()
        if self.take_keyword("not"):
            if not self.take_keyword("in"):
                raise self.mistake("expected IN after NOT", f'write: {field} NOT IN ["a", "b"]')
            return Not(OneOf(field, self.values()))
        if self.take_keyword("in"):
            return OneOf(field, self.values())
        if self.range_follows(0):
            return self.between(field)
        return self.relation(field)

    def relation(self, field: str) -> Filter:
        token = self.peek()
        if token is None or token.kind != "operator":
            raise self.mistake("expected an operator", "use one of = != < <= > >= IN, or a range: 10 TO 20")
        self.next += 1
        operator = _OPERATORS[token.text]
        if operator == "=" and self.range_follows(0):
            return self.between(field)
        value = self.value()
        if operator not in ("=", "!=") and not isinstance(value, float) and field != "released_at":
            raise self.mistake(f"{operator} compares numbers, not {value!r}", "give a number, or use = or !=", back=1)
        return Compare(field, operator, value)

    def between(self, field: str) -> Between:
        low = self.bound(field)
        self.take_keyword("to")
        high = self.bound(field)
        if type(low) is type(high) and low > high:  # type: ignore[operator]  # both numbers or both dates
            raise self.mistake(f"the range ends at {high!r} before it begins at {low!r}", "put the lower first", back=1)
        return Between(field, low, high)

    def bound(self, field: str) -> Value:
        value = self.value()
        if not isinstance(value, float) and field != "released_at":
            raise self.mistake(f"TO stands between numbers, not {value!r}", "write: price 10 TO 20", back=1)
        return value

    def range_follows(self, ahead: int) -> bool:
        """Whether a value and TO come next."""
        value, word = self.peek(ahead), self.peek(ahead + 1)
        return value is not None and value.kind in ("number", "string") and word is not None and _is_word(word, "to")

    def asks_whether_it_exists(self) -> bool:
        """Whether EXISTS and a field come next. A field may be called "exists" too: `exists = true`."""
        token, field = self.peek(), self.peek(1)
        if token is None or not _is_word(token, "exists"):
            return False
        named = field is not None and field.kind == "word" and field.text.lower() not in _KEYWORDS
        return named or field is None or (field.kind == "string" and not self.range_follows(1))

    def field(self) -> str:
        token = self.peek()
        if token is not None and token.kind == "string":
            self.next += 1
            return _unquote(token.text)
        if token is None or token.kind != "word" or token.text.lower() in _KEYWORDS:
            raise self.mistake("expected a field name", 'such as price or "screen size"')
        self.next += 1
        return token.text

    def value(self) -> Value:
        token = self.peek()
        if token is None or token.kind in ("operator", "mark"):
            raise self.mistake("expected a value", "a number, true, false, or a string in quotes")
        self.next += 1
        if token.kind == "number":
            return float(token.text)
        if token.kind == "string":
            return _unquote(token.text)
        if token.text.lower() in ("true", "false"):
            return token.text.lower() == "true"
        if token.text.lower() in _KEYWORDS:
            raise self.mistake("expected a value", "put words in quotes", back=1)
        return token.text

    def values(self) -> tuple[Value, ...]:
        closing = "]" if self.take_mark("[") else ")"
        if closing == ")":
            self.expect_mark("(")
        found = [self.value()]
        while self.take_mark(","):
            found.append(self.value())
        self.expect_mark(closing)
        return tuple(found)

    def peek(self, ahead: int = 0) -> _Token | None:
        place = self.next + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def take_keyword(self, word: str) -> bool:
        token = self.peek()
        taken = token is not None and _is_word(token, word)
        self.next += taken
        return taken

    def take_mark(self, mark: str) -> bool:
        token = self.peek()
        taken = token is not None and token.kind == "mark" and token.text == mark
        self.next += taken
        return taken

    def expect_mark(self, mark: str) -> None:
        if not self.take_mark(mark):
            raise self.mistake(f"expected {mark!r}", "add it")

    def expect_end(self) -> None:
        if self.peek() is not None:
            raise self.mistake("expected AND, OR or the end", "join conditions with AND or OR")

    def mistake(self, problem: str, remedy: str, back: int = 0) -> InputError:
        place = self.next - back
        token = self.tokens[place] if place < len(self.tokens) else None
        where = f"at position {token.position + 1}, before {token.text!r}" if token else "at its end"
        return InputError(f"filter {self.text!r}: {problem} {where}; {remedy}")


def _is_word(token: _Token, word: str) -> bool:
    return token.kind == "word" and token.text.lower() == word


def _tokens(text: str) -> list[_Token]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            start = len(text) - len(text[position:].lstrip())
            raise InputError(
                f"filter {text!r}: cannot read {text[start : start + 20]!r} at position {start + 1}; "
                "strings need closing quotes, names with spaces too"
            )
        tokens.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        position = match.end()
    return tokens


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
