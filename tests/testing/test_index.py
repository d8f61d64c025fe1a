from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle.index import EmbeddedIndex, Filter, Index
from aisle.settings import IndexSettings
from aisle.testing import index as kit
from aisle.testing.index_cases import FILTERS
from aisle.text.language import Word
from aisle.types import Candidates, Facet, Item, Rows, Vectors


class Lenient(EmbeddedIndex):
    """Forgets the filter when it looks for words."""

    def lexical(self, query: str | Sequence[Word], k: int, within: Filter | None = None) -> Candidates:
        return super().lexical(query, k)


class Undying(EmbeddedIndex):
    """Goes on finding what was deleted."""

    def delete(self, rows: Rows) -> None:
        return None


class Stale(EmbeddedIndex):
    """Keeps the vectors of items that are there already."""

    def add(self, rows: Rows, items: Sequence[Item], vectors: Vectors) -> None:
        old = [self.vectors[row] if self.holds(row) else new for row, new in zip(rows.tolist(), vectors, strict=True)]
        super().add(rows, items, np.array(old, np.float32).reshape(vectors.shape))


class Careless(EmbeddedIndex):
    """Writes its changes into the folder that it was loaded from."""

    @classmethod
    def load(cls, folder: Path, settings: IndexSettings) -> "EmbeddedIndex":
        index = super().load(folder, settings)
        index._loaded = False
        return index


class Inexact(EmbeddedIndex):
    """Counts one too many."""

    def facets(
        self, rows: Rows, locale: str = "", within: Filter | None = None, beside: Rows | None = None
    ) -> tuple[Facet, ...]:
        return super().facets(np.append(rows, 0), locale, within, beside)


def conformance(kind: type[EmbeddedIndex]) -> kit.IndexConformance:
    class Checked(kit.IndexConformance):
        def make_index(self, folder: Path, dim: int) -> Index:
            return kind.create(folder, dim, IndexSettings())

        def reload(self, index: Index, folder: Path) -> Index:
            return kind.load(folder, IndexSettings())

    return Checked()


def test_the_kit_catches_a_filter_that_is_forgotten(tmp_path: Path) -> None:
    checked = conformance(Lenient)
    text, passes = FILTERS[0]
    with pytest.raises(AssertionError):
        checked.test_a_filter_keeps_what_a_loop_over_the_items_keeps(checked.toy_index(tmp_path), text, passes)


def test_the_kit_catches_deleted_items_that_are_found(tmp_path: Path) -> None:
    checked = conformance(Undying)
    with pytest.raises(AssertionError):
        checked.test_a_deleted_item_is_found_no_more(checked.toy_index(tmp_path))


def test_the_kit_catches_vectors_that_are_not_updated(tmp_path: Path) -> None:
    checked = conformance(Stale)
    with pytest.raises(AssertionError):
        checked.test_an_updated_item_is_found_by_what_it_is_now_and_not_by_what_it_was(checked.toy_index(tmp_path))


def test_the_kit_catches_a_loaded_index_that_writes_into_its_folder(tmp_path: Path) -> None:
    checked = conformance(Careless)
    with pytest.raises(AssertionError):
        checked.test_changes_of_a_loaded_index_leave_its_files_as_they_are(checked.toy_index(tmp_path), tmp_path)


def test_the_kit_catches_facets_that_count_wrong(tmp_path: Path) -> None:
    checked = conformance(Inexact)
    with pytest.raises(AssertionError):
        checked.test_facet_counts_are_what_their_filters_keep(checked.toy_index(tmp_path))
