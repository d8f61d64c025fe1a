import pytest

from aisle.text.measures import Measure, named_unit, read_measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 m", Measure("length", 2.0)),
        ("200cm", Measure("length", 2.0)),
        ("2米", Measure("length", 2.0)),
        ("1,5 l", Measure("volume", 1.5)),
        ("16 GB", Measure("memory", 16.0)),
        ("2TB", Measure("memory", 2_000.0)),
        ("250克", Measure("weight", 0.25)),
        ('15"', Measure("length", 0.381)),
        ("150 x 200 cm", None),
        ("A5", None),
        ("4 players", None),
        ("2060", None),
        ("m", None),
    ],
)
def test_a_measure_is_a_number_of_base_units(text: str, expected: Measure | None) -> None:
    assert read_measure(text) == expected


def test_the_name_of_a_field_may_end_in_its_unit() -> None:
    assert named_unit("length_cm") == ("length", 0.01)
    assert [named_unit(name) for name in ("m", "color", "n_pieces", "form_factor")] == [None] * 4
