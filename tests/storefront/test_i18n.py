import json
import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

import aisle.storefront
from aisle.storefront.i18n import LANGUAGES, Language, choose_language, item_words, language, offered_languages
from aisle.types import AttributeValue, Item, Translation

FOLDER = Path(aisle.storefront.__file__).parent
SOURCES = "\n".join(path.read_text("utf-8") for ending in ("*.py", "*.html") for path in FOLDER.rglob(ending))
FAMILIES = ("field", "sort", "reason", "shelf", "error", "help")
"""Messages whose key is put together: "sort." and the name of a sort order."""
KEYS = sorted(json.loads((FOLDER / "locales" / "en.json").read_text("utf-8")))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_messages_with_the_same_places(code: str) -> None:
    english, other = language("en").messages, language(code).messages
    assert sorted(other) == KEYS
    assert {key: places(text) for key, text in other.items()} == {key: places(text) for key, text in english.items()}
    assert all(text.strip() for text in other.values())


@pytest.mark.parametrize("key", KEYS)
def test_every_message_is_used(key: str) -> None:
    spoken = re.escape(key.removesuffix(".one"))
    assert re.search(rf"""["']{spoken}["']""", SOURCES) or key.split(".")[0] in FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_of_messages_is_used(family: str) -> None:
    assert re.search(rf"""["']{family}(\.["']|\.\{{|["'],)""", SOURCES)


def test_every_message_that_is_asked_for_exists() -> None:
    asked = re.findall(r"""\bsay\(\s*["']([a-z_.]+[a-z_])["']\s*[,)]""", SOURCES)
    assert len(asked) > 50
    assert [key for key in asked if key not in KEYS] == []


def test_chinese_messages_use_chinese_punctuation() -> None:
    chinese = language("zh").messages
    assert [key for key, text in chinese.items() if re.search(r"[一-鿿}][,.!?;:()]", text)] == []


def test_one_and_many_are_told_apart(english: Language) -> None:
    assert english.say("results.count", n=1) == "1 product"
    assert english.say("results.count", n=1234) == "1,234 products"
    assert language("zh").say("results.count", n=1) == "共 1 件商品"


def test_an_unknown_message_is_a_mistake(english: Language) -> None:
    with pytest.raises(KeyError):
        english.say("no.such.message")


@pytest.mark.parametrize(
    ("code", "amount", "currency", "written"),
    [
        ("en", 19.9, "EUR", "€19.90"), ("en", 1234.5, "USD", "$1,234.50"), ("en", 1200, "JPY", "¥1,200"),
        ("en", 8, "CNY", "CN¥8.00"), ("zh", 8, "CNY", "¥8.00"), ("zh", 8, "USD", "US$8.00"),
        ("en", 8, "CHF", "CHF 8.00"), ("en", 8, "", "8.00"),
    ],
)  # fmt: skip
def test_money_is_written_as_the_language_does(code: str, amount: float, currency: str, written: str) -> None:
    assert language(code).money(amount, currency) == written


def test_dates_and_attributes_are_written_as_the_language_does(english: Language) -> None:
    day = datetime(2026, 3, 4, tzinfo=UTC)
    assert (english.date(day), language("zh").date(day)) == ("4 March 2026", "2026年3月4日")
    assert [english.attribute(value) for value in (True, 2.0, 0.5, "in-ear", "mAh", ("a", "b"))] == [
        "Yes", "2", "0.5", "In-ear", "mAh", "A, b",
    ]  # fmt: skip
    assert language("zh").attribute(("红", "蓝")) == "红、蓝"


@pytest.mark.parametrize(
    ("wishes", "header", "chosen"),
    [
        (["zh", "en"], "en", "zh"), (["xx", "zh"], "en", "zh"), ([], "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ([], "zh;q=0.1, en-GB;q=0.9", "en"), ([], "zh;q=0", "en"), ([], "zh;q=much, fr", "en"), ([], "", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_visitors_wish(wishes: list[str], header: str, chosen: str) -> None:
    assert choose_language(("en", "zh"), wishes, header) == chosen


def test_a_shop_without_a_language_of_ours_speaks_english() -> None:
    assert offered_languages(["fr"]) == ("en",)


def test_words_that_are_not_translated_fall_back_to_the_items_own() -> None:
    chinese = Translation(title="杯子", attributes={"color": "蓝色"})
    attributes: dict[str, AttributeValue] = {"color": "blue", "ml": 300.0}
    item = Item("a", "Mug", "Blue.", category=("Kitchen",), attributes=attributes, translations={"zh": chinese})
    words = item_words(item, "zh")
    assert (words.title, words.description, words.category) == ("杯子", "Blue.", ("Kitchen",))
    assert words.attributes == {"color": "蓝色", "ml": 300.0}
