import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.sources.texts import identifier, plain_text, text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Soft &amp; warm</p><p>Wool</p>", "Soft & warm Wool"),
        ("<b>USB</b>-C", "USB-C"),
        ("<ul><li>1&nbsp;m</li>\n<li>black</li></ul>", "1 m black"),
        ("a<br/>b", "a b"),
        ("<style>p {color: red}</style>Red<script>alert(1 < 2)</script> hat", "Red hat"),
        ("before<!-- <b>note</b> -->after", "beforeafter"),
        ("&lt;p&gt;escaped &amp;amp; once more&lt;/p&gt;", "escaped & once more"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("never <!-- closed", "never"),
        ("R&D, M&notes &copy; 2024", "R&D, M&notes © 2024"),
    ],
)
def test_html_becomes_plain_text(markup: str, expected: str) -> None:
    assert plain_text("description", markup) == expected


def test_titles_keep_signs_that_look_like_tags() -> None:
    assert text("title", "Cable <m>  3\tm &amp; plug") == "Cable <m> 3 m & plug"


def test_addresses_are_only_trimmed() -> None:
    assert identifier("url", " https://x.example/?a=1&copy=2 ") == "https://x.example/?a=1&copy=2"


@pytest.mark.parametrize(
    ("value", "expected"), [(123, "123"), (123.0, "123"), (1.5, "1.5"), (["", "a", "b"], "a"), ([], "")]
)
def test_other_values_become_text(value: object, expected: str) -> None:
    assert identifier("item_id", value) == expected


@pytest.mark.parametrize("value", ["bell\x07", "a\x00b", "escape\x1b[0m", "unit\x1fseparator"])
def test_control_characters_are_an_error(value: str) -> None:
    with pytest.raises(InputError, match="title holds the control character"):
        text("title", value)


@pytest.mark.parametrize("value", [{"a": 1}, b"raw"])
def test_what_is_no_text_is_an_error(value: object) -> None:
    with pytest.raises(InputError, match=r"title is .* expected text"):
        text("title", value)


def test_over_long_text_is_an_error() -> None:
    with pytest.raises(InputError, match="100,001 characters"):
        plain_text("description", "x" * 100_001)


def test_broken_markup_is_not_slow() -> None:
    assert plain_text("description", "<script " * 10_000) != ""
    assert plain_text("description", "<!--" * 20_000) == ""


@settings(deadline=None)
@given(st.text())
def test_plain_text_has_no_double_white_space(value: str) -> None:
    try:
        found = plain_text("description", value)
    except InputError:
        return
    assert found == " ".join(found.split())
