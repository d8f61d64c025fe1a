from aisle.storefront.site import N_PLACEHOLDER_HUES, highlighted, hue, initials, picture_url, title_spans
from aisle.types import Item, Translation


def test_pictures_of_other_sites_are_asked_for_safely_or_not_at_all() -> None:
    def shown(url: str) -> str:
        return picture_url(Item("a", "A", image_url=url))

    assert shown("/pictures/a.svg") == "/pictures/a.svg"
    assert shown("http://x.example/a.jpg") == "https://x.example/a.jpg"
    assert [shown(url) for url in ("", "//x.example/a.jpg", "/\\x.example", "javascript:alert(1)", "a.jpg")] == [""] * 5


def test_initials_stand_in_for_a_picture() -> None:
    assert [initials(title) for title in ("usb cable", "无线 耳机", "<b>", "!")] == ["UC", "无", "<", "!"]
    assert 0 <= hue("a") < N_PLACEHOLDER_HUES


def test_marked_words_are_escaped_and_spans_that_do_not_fit_are_left_out() -> None:
    assert str(highlighted("a<b>&c", [(0, 1), (2, 3), (2, 4), (5, 99), (4, 4)])) == (
        "<mark>a</mark>&lt;<mark>b</mark>&gt;&amp;c"
    )


def test_a_translated_title_has_its_own_marks() -> None:
    item = Item("a", "Cable", translations={"zh": Translation(title="数据线"), "fr": Translation()})
    highlights = {"title": ((0, 5),), "title.zh": ((0, 2),)}
    assert [title_spans(item, code, highlights) for code in ("en", "zh", "fr")] == [((0, 5),), ((0, 2),), ((0, 5),)]
