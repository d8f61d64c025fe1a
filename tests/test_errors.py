import pickle

import pytest

from aisle import errors
from aisle.errors import AisleError, InputError, MissingExtraError, nearest


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("pirce", ["price", "brand"], 'did you mean "price"?'),
        ("colour", ["color", "column"], 'did you mean "color"?'),
        ("xyz", ["price", "brand"], "known names: brand, price"),
        ("k", ["locale", "kind"], "known names: kind, locale"),
        ("", ["price"], "known names: price"),
        ("price", [], "known names: "),
        ("pirce", (name for name in ("brand", "price")), 'did you mean "price"?'),
    ],
)
def test_the_nearest_name_is_proposed(name: str, known: list[str], hint: str) -> None:
    assert nearest(name, known) == hint


def test_every_error_is_an_aisle_error_and_an_ordinary_one() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AisleError)]
    assert len(kinds) == 9
    assert issubclass(InputError, ValueError)
    assert issubclass(errors.NotFoundError, LookupError)
    assert issubclass(errors.SettingsError, ValueError)
    assert issubclass(MissingExtraError, ImportError)


def test_a_missing_extra_says_how_to_install_it() -> None:
    message = str(MissingExtraError("a postgresql store", "postgresql"))
    assert message == ('a postgresql store needs packages that are not installed; run: pip install "aisle[postgresql]"')


def test_a_missing_extra_can_come_from_another_process() -> None:
    error = MissingExtraError("a postgresql store", "postgresql")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_messages_of_lookups_are_shown_plainly() -> None:
    assert str(errors.NotFoundError("there is no item 'x'")) == "there is no item 'x'"
