import pytest

from aisle.sample_shop.leaf import Phrase
from aisle.sample_shop.texts import fitting, title, title_case


@pytest.mark.parametrize(
    ("text", "titled"),
    [
        ("over-ear", "Over-Ear"),
        ("microSD", "microSD"),
        ("USB-C to USB-C", "USB-C to USB-C"),
        ("750 ml", "750 ml"),
        ("all hobs incl. induction", "All Hobs Incl. Induction"),
        ("Men's", "Men's"),
    ],
)
def test_title_case_leaves_units_and_codes_alone(text: str, titled: str) -> None:
    assert title_case(text) == titled


def test_pattern_with_a_slot_that_cannot_be_filled_is_left_out() -> None:
    plain, with_battery = Phrase("{brand}", "{brand}"), Phrase("{battery} h", "{battery}小时")
    assert fitting([plain, with_battery], {"brand": Phrase("Ada", "艾达")}) == [plain]


def test_title_is_filled_in_both_languages() -> None:
    words = {"color": Phrase("black", "黑色"), "brand": Phrase("Ada", "艾达")}
    assert title(Phrase("{brand} Mug, {color}", "{brand}马克杯 {color}"), words) == (
        "Ada Mug, Black",
        "艾达马克杯 黑色",
    )
