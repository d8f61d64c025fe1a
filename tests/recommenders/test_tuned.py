import math
from pathlib import Path

import pytest

from aisle.errors import SettingsError
from aisle.recommenders.tuned import read_tuned, write_tuned


def test_what_was_tuned_is_read_again_and_other_models_stay(tmp_path: Path) -> None:
    write_tuned(tmp_path, {"item_knn": {"neighbors": 50}, "popularity": {"half_life_days": math.inf}})
    write_tuned(tmp_path, {"item_knn": {"neighbors": 70}})
    assert read_tuned(tmp_path) == {"item_knn": {"neighbors": 70}, "popularity": {"half_life_days": math.inf}}
    assert [path.name for path in tmp_path.iterdir()] == ["tuned.json"]


def test_a_shop_that_was_never_tuned_has_no_hyper_parameters(tmp_path: Path) -> None:
    assert read_tuned(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is damaged"),
        ("[1]", "is damaged"),
        ('{"item_knn": 3}', "is damaged"),
        ('{"item_knn": {"neighbours": 3}}', "names neighbours"),
        ('{"tiger": {}}', "names tiger"),
    ],
)
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "tuned.json").write_text(text)
    with pytest.raises(SettingsError, match=reason):
        read_tuned(tmp_path)
