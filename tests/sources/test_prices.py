import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.sources.prices import parse_price


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("19.95", 19.95, ""),
        (19.95, 19.95, ""),
        (20, 20.0, ""),
        ("1.299,00 €", 1299.0, "EUR"),
        ("19.95 USD", 19.95, "USD"),
        ("USD 19.95", 19.95, "USD"),
        ("$5", 5.0, "USD"),
        ("$5.00 CAD", 5.0, "CAD"),
        ("US$1,299.50", 1299.5, "USD"),
        ("19,95", 19.95, ""),
        ("1,299", 1299.0, ""),
        ("1.299", 1.299, ""),
        ("1.299.000 ₫", 1299000.0, "VND"),
        ("1,29,999.00", 129999.0, ""),
        ("₹1,29,999", 129999.0, "INR"),
        ("Rs. 500", 500.0, "INR"),
        ("Rs.500", 500.0, "INR"),
        ("$.99", 0.99, "USD"),
        ("1 299,00 zł", 1299.0, "PLN"),
        ("1\u202f299,00 €", 1299.0, "EUR"),
        ("CHF 1'299.-", 1299.0, "CHF"),
        ("5,- €", 5.0, "EUR"),
        ("-5 EUR", -5.0, "EUR"),
        ("€ -5", -5.0, "EUR"),
        ("¥1200", 1200.0, "JPY"),
        ("1e3", 1000.0, ""),
        ("0", 0.0, ""),
    ],
)
def test_price(written: object, amount: float, currency: str) -> None:
    assert parse_price(written) == (amount, currency)


def test_the_shops_currency_stands_where_the_price_names_none_or_an_ambiguous_sign() -> None:
    assert parse_price("5", "EUR") == (5.0, "EUR")
    assert parse_price("$5", "CAD") == (5.0, "CAD")
    assert parse_price("5 GBP", "EUR") == (5.0, "GBP")


@pytest.mark.parametrize(
    "written",
    ["cheap", "", "free", "10 - 20", "10-20 €", "from 5 €", "5 EUR 6 USD", "€5 USD", "1.2.3", "1,2,3", "10 20",
     "nan", "inf", "5 XYZ", True, None, [5], "12:30"],
)  # fmt: skip
def test_what_is_no_price_is_an_error(written: object) -> None:
    with pytest.raises(InputError, match=r"is not a price; expected a number such as 19\.95"):
        parse_price(written)


@given(st.integers(0, 10**12), st.sampled_from([(",", "."), (".", ","), ("'", "."), (" ", ","), ("\u00a0", ",")]))
def test_every_way_of_grouping_gives_the_amount_back(cents: int, marks: tuple[str, str]) -> None:
    thousands, decimal = marks
    whole, fraction = divmod(cents, 100)
    written = f"{whole:,}".replace(",", thousands) + f"{decimal}{fraction:02}"
    assert parse_price(written)[0] == cents / 100


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_finite_price_or_an_input_error(written: str) -> None:
    try:
        amount, currency = parse_price(written, "EUR")
    except InputError:
        return
    assert isinstance(amount, float)
    assert len(currency) == 3
