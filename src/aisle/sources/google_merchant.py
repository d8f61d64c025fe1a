"""Reads Google Merchant Center product feeds: XML (RSS 2.0 or Atom, namespace g:) and TSV.

The specification: https://support.google.com/merchants/answer/7052112 (product data) and /160589 (RSS 2.0).
"""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from aisle.errors import InputError
from aisle.sources.delimited import read as read_delimited
from aisle.sources.feed import Feed, Record, Table, peeked, seen_columns
from aisle.sources.files import chunks

PRODUCTS = frozenset({"item", "entry"})
MAX_PRODUCT_CHARACTERS = 2_000_000
_NAMESPACE = "{http://base.google.com/ns/1.0}"
_LEFT_OUT = frozenset({
    "additional_image_link", "ads_redirect", "mobile_link", "installment", "loyalty_program", "shipping",
    "shipping_label", "tax", "tax_category", "identifier_exists", "sale_price_effective_date", "cost_of_goods_sold",
    "excluded_destination", "included_destination", "updated", "published",
})  # fmt: skip
"""Attributes that are there for advertising and shipping, and say nothing about the product."""


def read_xml(feed: Feed) -> Table:
    """The table of an XML feed; its columns are the attributes of the first 100 products, without "g:".

    The price is the sale price, unless that holds for a limited time only; the other one becomes the attribute
    "regular_price" (or stays "sale_price"). Product details become attributes of their own. The category is the shop's
    own product_type, or else google_product_category. Where the XML breaks off, that is quarantined and nothing
    follows. Entities that the feed declares itself are refused with an InputError: XML bombs are built of them.
    """
    first, records = peeked(_products(feed))
    return Table(seen_columns(first), records, typed=False)


def read_tsv(feed: Feed) -> Table:
    """The table of a TSV feed, as of an XML feed. Raises InputError as the reader of delimited files does."""
    table = read_delimited(feed)
    rows = (
        Record(row.line, _merged({attribute(column): value for column, value in row.values.items()}), row.text)
        for row in table.records
    )
    first, records = peeked(rows)
    columns = dict.fromkeys(attribute(column) for column in table.columns)
    found = dict.fromkeys((*(column for column in columns if column not in _LEFT_OUT), *seen_columns(first)))
    return Table(tuple(found), records, typed=False)


class _Products:
    """Collects the product elements as the parser goes by; keeps no tree."""

    def __init__(self) -> None:
        self.finished: list[tuple[int, dict[str, object], int]] = []
        """(line, attributes, number of characters) of each product since the last look."""
        self.parser = DefusedXMLParser(target=self)
        self._inside = False
        self._line = 0
        self._n_characters = 0
        self._google: dict[str, object] = {}
        self._plain: dict[str, object] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._parts: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        if not self._inside:
            self._inside = _local(tag) in PRODUCTS
            self._line, self._n_characters = self.parser.parser.CurrentLineNumber, 0
            self._google, self._plain = {}, {}
            return
        self._path.append(tag)
        self._text = []
        if len(self._path) == 1:
            self._parts = {}
            # Atom: <link href="https://..."/>
            if attributes.get("rel", "alternate") == "alternate" and "href" in attributes:
                self._plain.setdefault(_local(tag), attributes["href"])

    def data(self, text: str) -> None:
        """Characters inside an element."""
        if self._path:
            self._n_characters += len(text)
            if self._n_characters <= MAX_PRODUCT_CHARACTERS:
                self._text.append(text)

    def end(self, tag: str) -> None:
        """An element closes."""
        if not self._inside:
            return
        if not self._path:
            self._inside = False
            # RSS has a title of its own beside g:title: Google's wins.
            self.finished.append((self._line, {**self._plain, **self._google}, self._n_characters))
            return
        text = "".join(self._text).strip()
        self._text = []
        self._path.pop()
        if len(self._path) == 1:
            self._parts[_local(tag)] = text
        elif not self._path and (value := self._parts or text):
            _add(self._google if tag.startswith(_NAMESPACE) else self._plain, _local(tag), value)

    def close(self) -> None:
        """The end of the document."""


def _products(feed: Feed) -> Iterator[Record]:
    target = _Products()
    try:
        for chunk in chunks(feed):
            _parse(feed, target, chunk)
            yield from _taken(feed, target)
        target.parser.close()
    except ParseError as error:
        yield from _taken(feed, target)
        reason = f"the XML is broken here ({error}); products before it were read, those after it were not; mend it"
        feed.bad(error.position[0], reason)


def _parse(feed: Feed, target: _Products, chunk: bytes) -> None:
    try:
        target.parser.feed(chunk)
    except DefusedXmlException as error:
        raise InputError(
            f"{feed.location} declares entities of its own, which are refused ({error}); write characters themselves"
        ) from error
    except (LookupError, ValueError) as error:
        raise InputError(f"{feed.location} has an encoding that cannot be read ({error}); save it as UTF-8") from error


def _taken(feed: Feed, target: _Products) -> Iterator[Record]:
    finished, target.finished = target.finished, []
    for line, product, n_characters in finished:
        if n_characters > MAX_PRODUCT_CHARACTERS:
            feed.bad(line, f"the product has {n_characters:,} characters; at most {MAX_PRODUCT_CHARACTERS:,} are read")
        else:
            yield Record(line, _merged(product))


def _merged(product: Mapping[str, object]) -> dict[str, object]:
    """The product in the words of Aisle, where Google's differ."""
    values = {name: value for name, value in product.items() if name not in _LEFT_OUT and value != ""}
    if "sale_price" in values and not product.get("sale_price_effective_date"):
        if "price" in values:
            values["regular_price"] = values["price"]
        values["price"] = values.pop("sale_price")
    for name, own in (("product_type", "google_product_category"), ("summary", "content")):
        if own in values and name not in values and not str(values[own]).isdigit():
            values[name] = values.pop(own)
    # A repeated element is a list; of several categories the first is the main one.
    if isinstance(values.get("product_type"), list):
        values["product_type"] = values["product_type"][0]  # type: ignore[index]
    if "summary" in values:
        values.setdefault("description", values.pop("summary"))
    for name, value in _details(values.pop("product_detail", ())):
        values.setdefault(name, value)
    return values


def _details(value: object) -> Iterator[tuple[str, str]]:
    """(name, value) of product details: elements in XML, "Section:Name:Value" in TSV."""
    for detail in value if isinstance(value, list) else [value]:
        if isinstance(detail, Mapping) and detail.get("attribute_name"):
            yield detail["attribute_name"], detail.get("attribute_value", "")
        elif isinstance(detail, str):
            for part in detail.split(","):
                words = part.split(":", 2)
                if len(words) == 3 and words[1].strip():
                    yield words[1].strip(), words[2].strip()


def _add(product: dict[str, object], name: str, value: object) -> None:
    """Sets a value; one that comes again makes a list."""
    old = product.get(name)
    if old is None:
        product[name] = value
    elif isinstance(old, list):
        old.append(value)
    else:
        product[name] = [old, value]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(column: str) -> str:
    """The name of an attribute as in XML: the columns "image link" and "g:image_link" are "image_link"."""
    return column.strip().lower().removeprefix("g:").replace(" ", "_")
