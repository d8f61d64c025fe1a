import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.index import EmbeddedIndex, Index, write_vectors
from aisle.settings import FieldWeights, IndexSettings
from aisle.testing.index import IndexConformance
from aisle.testing.index_cases import found, put, random_vectors, rows, vector
from aisle.testing.toy_shop import toy_items
from aisle.text.language import Word
from aisle.types import Item


class EmbeddedConformance(IndexConformance):
    settings = IndexSettings()

    def make_index(self, folder: Path, dim: int) -> Index:
        return EmbeddedIndex.create(folder, dim, self.settings)

    def reload(self, index: Index, folder: Path) -> Index:
        return EmbeddedIndex.load(folder, self.settings)


class TestExactIndex(EmbeddedConformance):
    """Every vector is compared."""


class TestGraphIndex(EmbeddedConformance):
    """Every index, of one item too, has an HNSW graph."""

    settings = IndexSettings(exact_below=0)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = EmbeddedIndex.create(tmp_path / "index", 26, IndexSettings(exact_below=4))
    put(index, range(12), toy_items())
    index.save(tmp_path / "index")
    return tmp_path / "index"


@pytest.mark.parametrize(
    "name", ["vectors.npy", "alive.npy", "columns/codes.npy", "columns/pairs.npy", "lexical/meta.json"]
)
def test_a_missing_file_is_a_release_error(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(ReleaseError, match="run aisle build"):
        EmbeddedIndex.load(saved, IndexSettings())


@pytest.mark.parametrize(
    "name", ["vectors.npy", "columns/codes.npy", "columns/pairs.npy", "graph.usearch", "lexical/meta.json"]
)
def test_a_damaged_file_is_a_release_error(saved: Path, name: str) -> None:
    (saved / name).write_bytes(b"not what was written")
    with pytest.raises(ReleaseError, match="run aisle build"):
        EmbeddedIndex.load(saved, IndexSettings())


def test_a_missing_folder_is_a_release_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no lexical index"):
        EmbeddedIndex.load(tmp_path / "nothing", IndexSettings())
    assert list(tmp_path.iterdir()) == []


def test_an_index_is_not_created_over_another(saved: Path) -> None:
    with pytest.raises(ReleaseError, match="holds a lexical index already"):
        EmbeddedIndex.create(saved, 26, IndexSettings())


def test_the_copy_that_takes_changes_ends_with_the_index(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    index = EmbeddedIndex.load(saved, IndexSettings())
    put(index, [12], [Item("x", "Desk lamp")])
    assert [path.name[:12] for path in scratch.iterdir()] == ["aisle-index-"]
    del index
    assert list(scratch.iterdir()) == []


def test_the_copy_that_takes_changes_shares_what_never_changes(saved: Path, tmp_path: Path) -> None:
    words = EmbeddedIndex.load(saved, IndexSettings())._state.words
    words.copy(tmp_path / "copy")
    segments = [path for path in words.folder.iterdir() if path.suffix in {".idx", ".store", ".term"}]
    assert segments
    for path in segments:
        assert path.samefile(tmp_path / "copy" / path.name)
    assert not (saved / "lexical" / "meta.json").samefile(tmp_path / "copy" / "meta.json")


def test_a_field_of_weight_zero_is_not_searched(tmp_path: Path) -> None:
    index = EmbeddedIndex.create(tmp_path, 26, IndexSettings(fields=FieldWeights(brand=0, description=0)))
    put(index, range(12), toy_items())
    assert len(index.lexical("Sonora", 5)) == 0
    assert found(index.lexical("headphones", 5)) == {3, 4}


def test_no_field_is_searched_when_every_weight_is_zero(tmp_path: Path) -> None:
    nothing = FieldWeights(title=0, brand=0, category=0, attributes=0, description=0)
    index = EmbeddedIndex.create(tmp_path, 26, IndexSettings(fields=nothing))
    put(index, range(12), toy_items())
    assert len(index.lexical("usb", 5)) == 0


def test_the_graph_and_one_by_one_give_the_same_scores(tmp_path: Path) -> None:
    vectors, asked = random_vectors(500, seed=0), random_vectors(1, seed=1)[0]
    items = [Item(f"i{row}", "Thing") for row in range(500)]
    exact = EmbeddedIndex.create(tmp_path / "exact", 32, IndexSettings())
    graph = EmbeddedIndex.create(tmp_path / "graph", 32, IndexSettings(exact_below=100))
    for index in (exact, graph):
        index.add(np.arange(500), items, vectors)
    assert exact.dense(asked, 5).rows.tolist() == graph.dense(asked, 5).rows.tolist()
    np.testing.assert_array_equal(exact.dense(asked, 5).scores, graph.dense(asked, 5).scores)


def test_the_vector_of_a_deleted_item_is_kept_for_its_return(tmp_path: Path) -> None:
    index = EmbeddedIndex.create(tmp_path, 26, IndexSettings())
    put(index, range(12), toy_items())
    index.delete(rows(8))
    np.testing.assert_array_equal(index.vectors[8], vector("Coffee mug. Coffee mug by Clay & Co."))


def test_many_allowed_rows_are_sifted_from_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisle.index.lexical.MAX_LISTED", 2)
    index = EmbeddedIndex.create(tmp_path, 26, IndexSettings())
    put(index, range(12), toy_items())
    from_all = index.lexical("usb headphones coffee running", 12)
    allowed = np.zeros(12, bool)
    allowed[[0, 3, 6, 10]] = True
    sifted = index._state.words.search([Word("usb headphones coffee running")], 3, allowed)
    assert sifted.rows.tolist() == [row for row in from_all.rows.tolist() if allowed[row]][:3]
    assert len(index._state.words.search([Word("yoga")], 3, allowed)) == 0


def test_a_long_chinese_word_counts_as_found_by_one_of_its_parts(tmp_path: Path) -> None:
    index = EmbeddedIndex.create(tmp_path, 26, IndexSettings())
    put(index, range(2), [Item("k1", "中式菜刀"), Item("m1", "瑜伽垫")])
    assert index.count([Word("切菜刀")]) == 1  # 切菜, 菜刀, 切菜刀
    assert index.count([Word("切菜刀"), Word("瑜伽垫")]) == 0
    assert index.count([Word("毛毯")]) == 0


@pytest.mark.parametrize("vectors", ["float32", "int8", "binary"])
def test_built_as_a_stream_it_answers_as_when_items_are_added(
    tmp_path: Path, vectors: Literal["float32", "int8", "binary"]
) -> None:
    settings = IndexSettings(vectors=vectors, exact_below=4)
    added = EmbeddedIndex.create(tmp_path / "added", 26, settings)
    put(added, range(12), toy_items())
    write_vectors(tmp_path / "built", settings.vectors, (12, 26), [np.asarray(added.vectors)])
    built = EmbeddedIndex.build(tmp_path / "built", toy_items(), settings)
    for query in ("usb c cable", "coffee", "green shoes"):
        assert built.lexical(query, 12).rows.tolist() == added.lexical(query, 12).rows.tolist()
        near, wanted = built.dense(vector(query), 12), added.dense(vector(query), 12)
        assert near.rows[0] == wanted.rows[0]
        np.testing.assert_allclose(near.scores, wanted.scores, atol=0.01)
    assert built.facets(built.browse()) == added.facets(added.browse())
    put(built, [12], [Item("x", "Desk lamp", gtin="123", brand="New")])
    built.delete(rows(0))
    assert built.browse().tolist() == list(range(1, 13))
    assert built.dense(vector("Desk lamp. Desk lamp by New"), 1).rows.tolist() == [12]
    assert [value.value for facet in built.facets(rows(12)) if facet.field == "brand" for value in facet.values] == [
        "New"
    ]


READER = """
import sys
from pathlib import Path
import numpy as np
from aisle.index import EmbeddedIndex
from aisle.settings import IndexSettings

def told():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    kb = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return [kb["Rss"], kb["Pss"], kb["Private_Clean"] + kb["Private_Dirty"]]

before = told()
index = EmbeddedIndex.load(Path(sys.argv[1]), IndexSettings())
vector = np.ones(4_096, np.float32) / 64
index.dense(vector, 10)
index.lexical("lamp", 10)
print("ready", flush=True)
sys.stdin.readline()
print(*(after - first for after, first in zip(told(), before)), flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the system does not tell what is shared")
def test_processes_share_the_pages_of_an_index(tmp_path: Path) -> None:
    drawn = random_vectors(256_000, seed=0).reshape(2_000, 4_096)
    write_vectors(tmp_path, "float32", drawn.shape, [drawn])
    EmbeddedIndex.build(tmp_path, [Item(f"i{row}", f"Lamp {row}") for row in range(2_000)], IndexSettings())
    command = [sys.executable, "-c", READER, str(tmp_path)]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin is not None
            assert one.stdout is not None
            one.stdin.write("\n")
            one.stdin.flush()
            rss, pss, private = map(int, one.stdout.readline().split())
            assert rss > drawn.nbytes / 1024
            assert private < 0.3 * rss
            assert pss < 0.7 * rss
    finally:
        for one in running:
            one.communicate("\n")
