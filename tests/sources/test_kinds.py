import pytest

from aisle.errors import InputError
from aisle.sources.kinds import known_kind, parse_kind
from aisle.types import EVENT_KINDS


@pytest.mark.parametrize(
    ("name", "kind"),
    [("add_to_cart", "cart"), ("addtocart", "cart"), ("addToCart", "cart"),
     ("Add To Cart", "cart"), ("buy", "purchase"),
     ("order", "purchase"), ("transaction", "purchase"), ("pv", "view"), ("fav", "favorite"),
     ("click_through", "click"),
     ("on_search", "search"), ("PURCHASE", "purchase")],
)  # fmt: skip
def test_common_names(name: str, kind: str) -> None:
    assert parse_kind(name) == kind


def test_our_own_names_are_themselves() -> None:
    assert [parse_kind(kind) for kind in EVENT_KINDS] == list(EVENT_KINDS)


def test_unknown_names_are_an_error_that_names_the_nearest() -> None:
    assert known_kind("logout") is None
    with pytest.raises(InputError, match="kind='purchese' is not an event kind; did you mean \"purchase\""):
        parse_kind("purchese")
