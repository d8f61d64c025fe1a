"""What a shop's texts are, and which of them are held out."""

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from aisle.encoders.pretraining.corpus import Corpus, Passage, file_passages, shop_passages, split
from aisle.errors import InputError
from aisle.shop import Shop


def test_a_shop_has_titles_with_descriptions_and_queries(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    passages = list(shop_passages(shop.store))
    items = list(shop.store.items())
    assert {Passage(item.title, item.description) for item in items} <= set(passages)
    translated = [one for item in items for one in item.translations.values() if one.title]
    assert {Passage(one.title, one.description) for one in translated} <= set(passages)
    queries = shop.store.events_frame(["search"])["query"].to_list()
    assert [passage.first for passage in passages[-len(queries) :]] == queries


def test_files_have_a_text_a_line_or_a_column(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("one text\n\nanother\n", "utf-8")
    assert [one.first for one in file_passages(str(tmp_path / "lines.txt"))] == ["one text", "", "another"]
    frame = pl.DataFrame({"label": [1, 0, 1], "review": ["很好", None, "<b>not</b> good"]})
    frame.write_parquet(tmp_path / "reviews.parquet")
    frame.write_csv(tmp_path / "reviews.csv")
    (tmp_path / "reviews.jsonl").write_text('{"review": "很好"}\n{"review": "not good"}\n', "utf-8")
    for name in ("reviews.parquet", "reviews.csv", "reviews.jsonl"):
        assert [one.first for one in file_passages(f"{tmp_path / name}:review")] == ["很好", "not good"]


def test_a_wrong_column_or_file_says_what_to_do(tmp_path: Path) -> None:
    pl.DataFrame({"review": ["good"]}).write_parquet(tmp_path / "reviews.parquet")
    with pytest.raises(InputError, match="has no column 'reviw'; did you mean \"review\""):
        list(file_passages(f"{tmp_path / 'reviews.parquet'}:reviw"))
    with pytest.raises(InputError, match=r"is a table; name the column with the texts: .*reviews.parquet:COLUMN"):
        list(file_passages(str(tmp_path / "reviews.parquet")))
    packed = tmp_path / "reviews.csv.gz"
    packed.write_bytes(gzip.compress(b"id,review\n1,good\n"))
    with pytest.raises(InputError, match=r"is a table; name the column with the texts: .*reviews.csv.gz:COLUMN"):
        list(file_passages(str(packed)))
    assert [one.first for one in file_passages(f"{packed}:review")] == ["good"]
    with pytest.raises(InputError, match="does not exist"):
        list(file_passages(str(tmp_path / "absent.txt")))
    (tmp_path / "latin.txt").write_bytes("good\ncaf\xe9\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        list(file_passages(str(tmp_path / "latin.txt")))


def test_the_split_is_by_text_and_nothing_comes_twice() -> None:
    passages = [Passage(f"text {number}") for number in range(2_000)]
    corpus = split([*passages, *passages, Passage(" ")], held_out=0.1)
    assert len(corpus.learned) + len(corpus.held_out) == 2_000
    assert 150 < len(corpus.held_out) < 250
    some = split(passages[:500], held_out=0.1)
    assert set(some.held_out) <= set(corpus.held_out)
    assert split(passages, held_out=0.1, seed=1).held_out != corpus.held_out


def test_a_title_is_on_one_side_with_all_its_descriptions() -> None:
    passages = [Passage(f"title {number // 2}", f"description {number}") for number in range(400)]
    corpus = split(passages, held_out=0.3)
    assert not {one.first for one in corpus.learned} & {one.first for one in corpus.held_out}


@pytest.mark.parametrize("n", [0, 1])
def test_an_empty_corpus_is_an_error(n: int) -> None:
    with pytest.raises(InputError, match=rf"there are only {n} different texts, .*\(aisle ingest items FILE\)"):
        split([Passage("a")] * n, held_out=0.05)


def test_the_fingerprint_tells_corpora_apart() -> None:
    one, other = Corpus([Passage("a", "b")], [Passage("c")]), Corpus([Passage("ab")], [Passage("c")])
    assert one.fingerprint == Corpus([Passage("a", "b")], [Passage("c")]).fingerprint != other.fingerprint
