from pathlib import Path

import numpy as np
import pytest

from aisle.index.dense import DenseIndex
from aisle.index.vectors import Precision, cosines, write_vectors
from aisle.types import Vectors


def vectors(n: int, dim: int = 32) -> Vectors:
    drawn = np.random.default_rng(0).standard_normal((n, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def indexed(given: Vectors, exact_below: int) -> DenseIndex:
    return DenseIndex.empty(given.shape[1], exact_below).with_rows(np.arange(len(given)), given)


@pytest.mark.parametrize(("exact_below", "graph"), [(0, True), (11, True), (12, False), (13, False)])
def test_only_above_the_limit_there_is_a_graph(tmp_path: Path, exact_below: int, graph: bool) -> None:
    indexed(vectors(12), exact_below).save(tmp_path)
    assert (tmp_path / "graph.usearch").exists() is graph


def test_saving_without_a_graph_takes_an_old_one_away(tmp_path: Path) -> None:
    indexed(vectors(12), 4).save(tmp_path)
    indexed(vectors(12), 20).save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alive.npy", "vectors.npy"]


@pytest.mark.parametrize("share", [0.95, 0.5, 0.02, 0.0])
def test_within_a_filter_the_nearest_of_what_passes_are_found(share: float) -> None:
    given = vectors(2_000)
    index, asked = indexed(given, 100), vectors(1)[0]
    allowed = np.random.default_rng(1).random(2_000) < share
    exact = np.flatnonzero(allowed)[np.argsort(-(given[allowed] @ asked))][:5]
    found = index.search(asked, 5, allowed).rows
    assert allowed[found].all()
    # where many pass, the graph answers, which threads build in any order: it may miss one
    assert len(np.intersect1d(found, exact)) >= len(exact) - (share > 0.1)


def test_a_filter_that_keeps_only_far_items_still_gets_k() -> None:
    given = vectors(2_000)
    index, asked = indexed(given, 100), vectors(1)[0]
    far = (given @ asked) < 0
    found = index.search(asked, 10, far)
    exact = np.flatnonzero(far)[np.argsort(-(given[far] @ asked))][:10]
    assert found.rows.tolist() == exact.tolist()


def test_changes_leave_the_old_index_as_it_was() -> None:
    given = vectors(2_000)
    old = indexed(given, 100)
    new = old.with_rows(np.array([0]), given[1:2]).without(np.array([1]))
    assert old.search(given[0], 1).rows.tolist() == [0]
    assert old.search(given[1], 1).rows.tolist() == [1]
    assert new.search(given[1], 1).rows.tolist() == [0]
    assert 1 not in new.search(given[1], 50).rows


def test_rows_that_changed_often_are_found_once() -> None:
    given = vectors(500)
    index = indexed(given, 100)
    for number in range(20):
        index = index.with_rows(np.array([7]), given[number : number + 1])
        index = index.without(np.array([8])).with_rows(np.array([8]), given[8:9])
    found = index.search(given[19], 30).rows.tolist()
    assert set(found[:2]) == {7, 19}
    assert len(set(found)) == 30


@pytest.mark.parametrize("k", [1, 10, 50])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9])
def test_recall_stays_high_however_few_pass(k: int, share: float) -> None:
    given = vectors(8_000, 16)
    index = indexed(given, 500)
    allowed = np.random.default_rng(2).random(8_000) < share
    recalls = []
    for asked in vectors(8_020, 16)[-20:]:
        exact = np.flatnonzero(allowed)[np.argsort(-(given[allowed] @ asked))][:k]
        recalls.append(len(np.intersect1d(index.search(asked, k, allowed).rows, exact)) / len(exact))
    assert np.mean(recalls) >= 0.98


def test_near_and_far_filters_find_the_nearest_too() -> None:
    given = vectors(8_000, 16)
    index = indexed(given, 500)
    for asked in vectors(8_010, 16)[-10:]:
        cosines = given @ asked
        for allowed in (cosines > 0.4, cosines < 0.2):
            exact = np.flatnonzero(allowed)[np.argsort(-cosines[allowed])][:10]
            assert len(np.intersect1d(index.search(asked, 10, allowed).rows, exact)) >= 9


def test_cosines_are_those_of_the_matrix_product() -> None:
    rng = np.random.default_rng(0)
    vectors, vector = rng.normal(size=(50, 8)).astype(np.float32), rng.normal(size=8).astype(np.float32)
    assert cosines(vectors, vector).dtype == np.float32
    assert cosines(vectors, vector).tolist() == pytest.approx((vectors @ vector).tolist(), abs=1e-5)
    assert cosines(vectors[:0], vector).tolist() == []


@pytest.mark.parametrize("precision", ["float32", "int8", "binary"])
def test_every_precision_finds_the_nearest_and_comes_back_from_its_files(tmp_path: Path, precision: Precision) -> None:
    given, asked = vectors(3_000, 64), vectors(3_020, 64)[-20:]
    write_vectors(tmp_path, precision, given.shape, [given])
    index = DenseIndex.build(tmp_path, 500, precision)
    found = [index.search(vector, 10).rows for vector in asked]
    exact = [np.argsort(-(given @ vector))[:10] for vector in asked]
    recalls = [len(np.intersect1d(one, other)) / 10 for one, other in zip(found, exact, strict=True)]
    assert np.mean(recalls) >= 0.95
    allowed = np.arange(3_000) % 3 == 0
    within = index.search(asked[0], 10, allowed).rows
    assert len(np.intersect1d(within, np.flatnonzero(allowed)[np.argsort(-(given[allowed] @ asked[0]))][:10])) >= 9
    index.save(tmp_path)
    again = DenseIndex.load(tmp_path, 500, precision)
    assert [again.search(vector, 10).rows.tolist() for vector in asked] == [rows.tolist() for rows in found]
    names = {"vectors.npy", "alive.npy"} | ({"lengths.npy"} if precision != "float32" else set())
    names |= {"bits.npy", "means.npy"} if precision == "binary" else {"graph.usearch"}
    assert {path.name for path in tmp_path.iterdir()} == names


@pytest.mark.parametrize("precision", ["float32", "binary"])
def test_a_change_copies_neither_vectors_nor_graph(tmp_path: Path, precision: Precision) -> None:
    given = vectors(3_000, 64)
    write_vectors(tmp_path, precision, given.shape, [given])
    old = DenseIndex.build(tmp_path, 500, precision)
    fresh = vectors(3_002, 64)[-2:]
    new = old.with_rows(np.array([3_000, 5]), fresh).without(np.array([9]))
    assert new.vectors.codes is old.vectors.codes
    assert old._near is not None
    assert new._near is not None
    assert (new._near.graph, new._near.bits) == (old._near.graph, old._near.bits)
    assert [new.search(vector, 1).rows.tolist() for vector in (*fresh, given[9])][:2] == [[3_000], [5]]
    assert 9 not in new.search(given[9], 20).rows
    assert old.search(given[5], 1).rows.tolist() == [5]


def test_many_changes_are_taken_into_the_graph(tmp_path: Path) -> None:
    given = vectors(3_000, 64)
    write_vectors(tmp_path, "float32", given.shape, [given])
    old = DenseIndex.build(tmp_path, 500)
    fresh = vectors(4_000, 64)[-1_000:]
    new = old.with_rows(np.arange(2_500, 3_500), fresh)
    assert old._near is not None
    assert new._near is not None
    assert new._near.graph is not old._near.graph
    assert new._near.known.all()
    found = [int(new.search(vector, 1).rows[0]) for vector in fresh]
    assert np.mean(np.array(found) == np.arange(2_500, 3_500)) > 0.99
