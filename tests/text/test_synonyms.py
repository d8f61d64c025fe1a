from pathlib import Path

import polars as pl
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.text.synonyms import MAX_MINED, WRITTEN, Synonyms, merge_synonyms, mine_synonyms, read_synonyms


def written(tmp_path: Path, text: str) -> Synonyms:
    path = tmp_path / "synonyms.txt"
    path.write_text(text, "utf-8")
    return read_synonyms(path)


def test_two_way_synonyms_hold_both_ways(tmp_path: Path) -> None:
    synonyms = written(tmp_path, "tv = television\nsofa, couch, settee  # seats\n\n手机，移动电话\n")
    assert synonyms.of(["tv"]) == (("television", WRITTEN),)
    assert synonyms.of(["television"]) == (("tv", WRITTEN),)
    assert synonyms.of(["couch"]) == (("settee", WRITTEN), ("sofa", WRITTEN))
    assert synonyms.of(["手机"]) == (("移动电话", WRITTEN),)


def test_one_way_synonyms_hold_one_way(tmp_path: Path) -> None:
    synonyms = written(tmp_path, "trainers => shoes, running shoes")
    assert synonyms.of(["trainer"]) == (("running shoes", WRITTEN), ("shoes", WRITTEN))
    assert synonyms.of(["shoes"]) == ()


def test_phrases_are_found_in_singular_and_plural(tmp_path: Path) -> None:
    synonyms = written(tmp_path, "memory stick = USB drive")
    assert synonyms.of(["memory", "sticks"]) == (("usb drive", WRITTEN),)
    assert synonyms.of(["memory"]) == ()


@pytest.mark.parametrize("line", ["sofa", "=> shoes", "trainers =>", "a b c d e = f"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match="line 2"):
        written(tmp_path, f"# first\n{line}\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give a text file"):
        read_synonyms(tmp_path / "none.txt")


def clicks(**searches: dict[str, int]) -> pl.DataFrame:
    rows = [(query.replace("_", " "), item, n) for query, items in searches.items() for item, n in items.items()]
    return pl.DataFrame(rows, {"query": pl.String, "item_id": pl.String, "n": pl.Int64}, orient="row")


def test_searches_that_end_at_the_same_items_are_synonyms() -> None:
    mined = mine_synonyms(clicks(sofa={"a": 4, "b": 3}, couch={"a": 4, "b": 3}, lamp={"c": 9}))
    assert mined.of(["sofa"]) == (("couch", MAX_MINED),)
    assert mined.of(["couch"]) == (("sofa", MAX_MINED),)
    assert mined.of(["lamp"]) == ()


def test_narrower_searches_are_no_synonyms() -> None:
    both = {"a": 4, "b": 3}
    mined = mine_synonyms(clicks(mug={"a": 9, "b": 9}, red_mug=both, blue_mug=both, cup={"a": 5, "b": 5}))
    assert mined.of(["red", "mug"]) == mined.of(["red"]) == ()
    assert mined.of(["mug"])[0][0] == "cup"


def test_models_few_clicks_and_single_items_are_no_evidence() -> None:
    both = {"a": 4, "b": 3}
    mined = mine_synonyms(
        clicks(ps4=both, ps5=both, cup={"c": 1, "d": 1}, mug={"c": 1, "d": 1}, tv={"e": 9}, set={"e": 9})
    )
    assert mined.by_phrase == {}


def test_columns_are_asked_for() -> None:
    with pytest.raises(InputError, match="item_id"):
        mine_synonyms(pl.DataFrame({"query": ["a"], "n": [1]}))


def test_the_higher_weight_wins() -> None:
    merged = merge_synonyms(
        Synonyms({"a": (("b", 0.9),)}), Synonyms({"a": (("c", 0.5), ("b", 0.4)), "d": (("e", 0.1),)})
    )
    assert merged.by_phrase == {"a": (("b", 0.9), ("c", 0.5)), "d": (("e", 0.1),)}


def test_synonyms_come_back_from_their_file(tmp_path: Path) -> None:
    synonyms = written(tmp_path, "tv = television")
    synonyms.save(tmp_path)
    assert Synonyms.load(tmp_path) == synonyms
    (tmp_path / "synonyms.json").write_text("[1]", "utf-8")
    with pytest.raises(ReleaseError, match="run aisle build"):
        Synonyms.load(tmp_path)
