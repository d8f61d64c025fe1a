import math
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import SettingsError
from aisle.settings import (
    Settings,
    default_toml,
    load_settings,
    parse_settings,
    setting_rows,
    toml_value,
    with_setting,
)
from aisle.types import EVENT_KINDS


def uncommented(text: str) -> str:
    """The file with the # before every key taken away."""
    return re.sub(r"(?m)^# (\w+ = )", r"\1", text)


def test_a_new_file_says_nothing_but_the_name() -> None:
    assert parse_settings(default_toml("Corner shop")) == Settings.model_validate({"shop": {"name": "Corner shop"}})


def test_every_default_is_in_a_new_file_and_read_back() -> None:
    text = uncommented(default_toml("My shop"))
    given = tomllib.loads(text)
    for table, key, default, _ in setting_rows():
        values = given
        for part in table.split("."):
            values = values[part]
        assert (key, values[key]) == (key, list(default) if isinstance(default, tuple) else default)
    assert parse_settings(text) == Settings()


def test_every_setting_has_a_meaning_of_one_sentence() -> None:
    rows = list(setting_rows())
    assert len(rows) > 40
    assert [key for _, key, _, meaning in rows if not re.fullmatch(r"[A-Z\"].+\.", meaning)] == []


def test_an_empty_file_is_all_defaults() -> None:
    assert parse_settings("") == Settings()


@pytest.mark.parametrize("name", ['Bob\'s "Best"', "back\\slash", "双语 shop", "two\nlines\ttab", "", "\x00\x7f\u0085"])
def test_any_name_is_read_back(name: str) -> None:
    assert parse_settings(default_toml(name)).shop.name == name


@given(st.recursive(
    st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
))  # fmt: skip
def test_any_value_is_read_back_from_toml(value: object) -> None:
    def listed(part: object) -> object:
        if isinstance(part, dict):
            return {key: listed(item) for key, item in part.items()}
        return [listed(item) for item in part] if isinstance(part, tuple) else part

    assert tomllib.loads(f"value = {toml_value(value)}")["value"] == listed(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[seach]\n", 'aisle.toml: unknown key "seach"; did you mean "search"?'),
        ("[search]\ndeph = 5", 'aisle.toml: unknown key "search.deph"; did you mean "depth"?'),
        ("[index.fields]\ntitel = 5", 'aisle.toml: unknown key "index.fields.titel"; did you mean "title"?'),
        ("[shop]\nqqq = 5", 'aisle.toml: unknown key "shop.qqq"; known names: currency, locales, name'),
        ("port = 5", 'aisle.toml: unknown key "port"; known names: '),
    ],
)
def test_an_unknown_key_names_the_nearest(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[serving]\nport = 70000", "serving.port = 70000: Input should be less than or equal to 65535"),
        ("[serving]\nport = -1", "serving.port = -1: Input should be greater than or equal to 0"),
        ('[serving]\nport = "http"', "serving.port = 'http': Input should be a valid integer"),
        (
            "[serving]\nmax_body_bytes = 10",
            "serving.max_body_bytes = 10: Input should be greater than or equal to 1000",
        ),
        ("[search]\ndepth = 0", "search.depth = 0: Input should be greater than or equal to 1"),
        ("[search]\ndense_weight = -0.5", "search.dense_weight = -0.5: Input should be greater than or equal to 0"),
        ("[index.fields]\ntitle = nan", "index.fields.title = nan: Input should be"),
        ("[search]\nlexical_weight = inf", "search.lexical_weight = inf: Input should be a finite number"),
        ("[recommend.kinds]\nview = nan", "recommend.kinds.view = nan: Input should be a finite number"),
        ("[recommend]\nhalf_life_days = 0", "recommend.half_life_days = 0: Input should be greater than 0"),
        ('[encoder]\nprecision = "int4"', "encoder.precision = 'int4': Input should be 'int8' or 'float32'"),
        ("[encoder]\nmax_tokens = 1", "encoder.max_tokens = 1: Input should be greater than or equal to 8"),
        ("[sources.items]\ntitle = 3", "sources.items.title = 3: Input should be a valid string"),
        ("shop = 3", "shop = 3: Input should be a valid dictionary"),
    ],
)
def test_a_value_out_of_range_is_named(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    assert f"aisle.toml: {problem}" in str(caught.value)


def test_every_mistake_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("[search]\ndepth = 0\ndeph = 1\n[serving]\nport = -1", "SHOP/aisle.toml")
    assert str(caught.value).count("SHOP/aisle.toml: ") == 3


@pytest.mark.parametrize("text", ["[shop\nname = 1", "[shop]\nname = ", "[shop]\nname = 1\nname = 2", "name"])
def test_malformed_toml_names_its_line(text: str) -> None:
    with pytest.raises(SettingsError, match=r"aisle.toml is not valid TOML: .*line \d|at end of document"):
        parse_settings(text)


def test_settings_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "aisle.toml"
    path.write_text('[shop]\nname = "Ecke"\nlocales = ["de"]\n[sources.items]\ntitle = "name"\n', "utf-8")
    settings = load_settings(path)
    assert (settings.shop.name, settings.shop.locales) == ("Ecke", ("de",))
    assert settings.sources.items == {"title": "name"}


def test_a_file_that_cannot_be_read_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read .*aisle.toml"):
        load_settings(tmp_path / "aisle.toml")
    (tmp_path / "aisle.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"cannot read .*aisle.toml"):
        load_settings(tmp_path / "aisle.toml")


def test_every_kind_of_event_has_a_weight_and_looking_has_none() -> None:
    weights = {kind: Settings().recommend.kinds.of(kind) for kind in EVENT_KINDS}
    assert weights["impression"] == weights["search"] == 0
    assert weights["return"] < weights["dislike"] < 0 < weights["view"] < weights["cart"] < weights["purchase"]
    assert all(math.isfinite(weight) for weight in weights.values())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().shop.name = "Other"  # type: ignore[misc]


def test_a_setting_is_written_where_its_default_stood_and_nothing_else_changes() -> None:
    before = default_toml("Toy")
    after = with_setting(before, "encoder.model", "models/tuned")
    assert parse_settings(after).encoder.model == "models/tuned"
    assert [line for line in after.splitlines() if line not in before.splitlines()] == ['model = "models/tuned"']
    again = with_setting(after, "encoder.model", "models/other")
    assert again == after.replace("tuned", "other")


def test_a_setting_is_added_to_a_table_that_lacks_it_and_to_a_file_that_lacks_the_table() -> None:
    assert with_setting("[encoder]\nthreads = 1\n", "encoder.model", "m") == '[encoder]\nmodel = "m"\nthreads = 1\n'
    assert with_setting("", "search.reranker", "m") == '\n[search]\nreranker = "m"\n'
    with pytest.raises(SettingsError, match="rerank_top"):
        with_setting("", "search.rerank_top", 0)
