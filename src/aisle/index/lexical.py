"""Items by their words: BM25 over fields (Robertson and Zaragoza 2009, k1=1.2, b=0.75), by tantivy."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.settings import FieldWeights
from aisle.text import analyser, has_chinese, segment, terms
from aisle.text.language import Word
from aisle.text.synonyms import Alternatives
from aisle.types import AttributeValue, Candidates, Item, Rows, Translation, no_candidates

TIE_BREAKER = 0.1
"""Share of the weaker fields in a word's score; the strongest field counts whole (disjunction max)."""
MAX_TERMS = 40
"""Words of a query that are looked up; a pasted page of text is cut here."""
MAX_COUNTED = 1_000
"""Items that have every word are counted up to here."""
MUST = tantivy.Occur.Must
MAX_LISTED = 500
"""Up to this many allowed rows are named in the query itself; above, results are sifted."""
TRANSLATED = "translated_"
FIELDS = tuple(FieldWeights.model_fields)
_WRITER_BYTES = 64_000_000


class LexicalIndex:
    """A tantivy index in `folder`, as it was when this object was made; `with_rows` and `without` give newer ones."""

    def __init__(self, index: tantivy.Index, folder: Path, weights: FieldWeights) -> None:
        self.folder = folder
        self._index = index
        self._weights = weights
        self._searcher = index.searcher()
        boosts = weights.model_dump()
        boosts |= {f"{TRANSLATED}{name}": boost for name, boost in boosts.items()}
        self._boosts = {
            name: boost
            for name, boost in boosts.items()
            if boost > 0 and self._searcher.terms_with_prefix(name, "", limit=1)
        }

    @classmethod
    def create(cls, folder: Path, weights: FieldWeights) -> "LexicalIndex":
        """An empty index in `folder`. Raises ReleaseError when there is one already."""
        if (folder / "meta.json").exists():
            raise ReleaseError(f"{folder} holds a lexical index already; give another folder")
        folder.mkdir(parents=True, exist_ok=True)
        return cls._open(folder, weights)

    @classmethod
    def load(cls, folder: Path, weights: FieldWeights) -> "LexicalIndex":
        """The index in `folder`. Raises ReleaseError when there is none that can be read."""
        if not (folder / "meta.json").is_file():
            raise ReleaseError(f"there is no lexical index in {folder}; run aisle build")
        return cls._open(folder, weights)

    @classmethod
    def _open(cls, folder: Path, weights: FieldWeights) -> "LexicalIndex":
        try:
            index = tantivy.Index(_schema(), str(folder))
        except (ValueError, OSError) as error:
            raise ReleaseError(f"the lexical index in {folder} cannot be opened: {error}; run aisle build") from error
        index.register_tokenizer("words", analyser())
        return cls(index, folder, weights)

    def with_rows(self, rows: Rows, items: Sequence[Item]) -> "LexicalIndex":
        """This index with `items` in place of what stood in `rows`."""
        writer = self._index.writer(_WRITER_BYTES, 1)
        known = self._searcher.num_docs > 0
        for row, item in zip(rows.tolist(), items, strict=True):
            if known:
                writer.delete_documents_by_term("row", row)
            writer.add_document(tantivy.Document(row=row, **item_texts(item)))
        return self._committed(writer)

    def without(self, rows: Rows) -> "LexicalIndex":
        """This index without `rows`."""
        writer = self._index.writer(_WRITER_BYTES, 1)
        for row in rows.tolist():
            writer.delete_documents_by_term("row", row)
        return self._committed(writer)

    def search(self, words: Sequence[Word], k: int, allowed: NDArray[np.bool_] | None = None) -> Candidates:
        """At most `k` items with one of `words`, best first; `allowed` is (n_rows,) bool by row."""
        clauses = self._clauses(words)
        if not clauses:
            return no_candidates("lexical")
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses])
        if allowed is None:
            return self._run(wanted, k)
        listed = np.flatnonzero(allowed)
        if len(listed) <= MAX_LISTED:
            among = tantivy.Query.term_set_query(self._index.schema, "row", listed.tolist())
            filtered = tantivy.Query.const_score_query(among, 0.0)
            both = [(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, filtered)]
            return self._run(tantivy.Query.boolean_query(both), k)
        return self._sifted(wanted, k, allowed)

    def count(self, words: Sequence[Word], allowed: NDArray[np.bool_] | None = None) -> int:
        """How many items have every one of `words`, in one of the ways to say it, at most 1,000."""
        clauses = [clause for word in words for clause in self._required(word)][:MAX_TERMS]
        if not clauses:
            return 0
        every = tantivy.Query.boolean_query([(MUST, clause) for clause in clauses])
        if allowed is None:
            found: Any = self._searcher.search(every, 1, count=True)  # its type stub lacks the count
            return min(MAX_COUNTED, int(found.count))
        found_rows = self._run(every, max(MAX_COUNTED, len(allowed))).rows
        return min(MAX_COUNTED, int(np.count_nonzero(allowed[found_rows])))

    def n_with(self, field: str, term: str) -> int:
        """How many items have `term` in `field` ("title", "translated_title", ...)."""
        return int(self._searcher.doc_freq(field, term))

    def copy(self, folder: Path) -> "LexicalIndex":
        """The same index in another folder, free to change."""
        shutil.copytree(self.folder, folder, copy_function=_link_or_copy, dirs_exist_ok=True)
        return LexicalIndex.load(folder, self._weights)

    def _clauses(self, words: Sequence[Word]) -> list[tantivy.Query]:
        """One query a term; a word that can be said in several ways is one query: its best way counts."""
        clauses: list[tantivy.Query] = []
        seen: set[str] = set()
        for word in words:
            own = [term for term in dict.fromkeys(terms(word.term_text)) if term not in seen]
            seen.update(own)
            if own and word.alternatives:
                clauses.append(self._said(own, word.alternatives))
            else:
                clauses += map(self._any_field, own)
        return clauses[:MAX_TERMS]

    def _required(self, word: Word) -> list[tantivy.Query]:
        """What must be found for `word`; of a long Chinese word, which has its parts beside it, any of them."""
        own = list(dict.fromkeys(terms(word.term_text)))
        overlapping = has_chinese(word.term_text) and all(part in max(own, key=len) for part in own)
        if overlapping and len(own) > 1 and not word.alternatives:
            return [self._terms(own, tantivy.Occur.Should)]
        return self._clauses([word])

    def _said(self, own: Sequence[str], alternatives: Alternatives) -> tantivy.Query:
        ways = [self._terms(own, tantivy.Occur.Should)]
        for text, weight in alternatives:
            if found := terms(text):
                ways.append(tantivy.Query.boost_query(self._terms(found, MUST), weight))
        return tantivy.Query.disjunction_max_query(ways, 0.0)

    def _terms(self, found: Sequence[str], occur: tantivy.Occur) -> tantivy.Query:
        if len(found) == 1:
            return self._any_field(found[0])
        return tantivy.Query.boolean_query([(occur, self._any_field(term)) for term in found])

    def _any_field(self, word: str) -> tantivy.Query:
        fields = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._index.schema, name, word), boost)
            for name, boost in self._boosts.items()
        ]
        return tantivy.Query.disjunction_max_query(fields, TIE_BREAKER)

    def _sifted(self, wanted: tantivy.Query, k: int, allowed: NDArray[np.bool_]) -> Candidates:
        limit = int(k * 2 * len(allowed) / max(1, allowed.sum()))
        while True:
            found = self._run(wanted, limit)
            kept = allowed[found.rows].nonzero()[0]
            if len(kept) >= k or len(found) < limit:
                return Candidates(found.rows[kept[:k]], found.scores[kept[:k]], "lexical")
            limit *= 4

    def _run(self, query: tantivy.Query, limit: int) -> Candidates:
        """The best `limit` items; tantivy gives them best first, ties in the order of its documents."""
        hits = self._searcher.search(query, limit, count=False).hits
        if not hits:
            return no_candidates("lexical")
        scores, addresses = zip(*hits, strict=True)
        rows = self._searcher.fast_field_values("row", list(addresses))
        return Candidates(np.array(rows, np.int64), np.array(scores, np.float32), "lexical")

    def _committed(self, writer: tantivy.IndexWriter) -> "LexicalIndex":
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        return LexicalIndex(self._index, self.folder, self._weights)


def _link_or_copy(source: str, target: str) -> None:
    """Segments are written once and never changed: where the file system can, the same file gets another name."""
    Path(target).unlink(missing_ok=True)
    try:
        if Path(source).name.startswith((".", "meta.json")):
            raise OSError("lists and locks are each index's own")
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("row", indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="words", index_option="freq")
        builder.add_text_field(f"{TRANSLATED}{name}", tokenizer_name="words", index_option="freq")
    return builder.build()


def item_texts(item: Item) -> dict[str, str]:
    """The segmented text of each filled field of an item, translations under "translated_" names."""
    texts = _field_texts(item.title, item.description, item.category, item.attributes)
    texts["brand"] = segment(item.brand)
    for part in item.translations.values():
        for name, text in _translated_texts(part).items():
            key = f"{TRANSLATED}{name}"
            texts[key] = f"{texts[key]} {text}" if key in texts else text
    return {name: text for name, text in texts.items() if text}


def _translated_texts(part: Translation) -> dict[str, str]:
    return _field_texts(part.title, part.description, part.category, part.attributes)


def _field_texts(
    title: str, description: str, category: Sequence[str], attributes: Mapping[str, AttributeValue]
) -> dict[str, str]:
    return {
        "title": segment(title),
        "description": segment(description),
        "category": segment(" ".join(category)),
        "attributes": segment(" ".join(_attribute_words(attributes))),
    }


def _attribute_words(attributes: Mapping[str, AttributeValue]) -> list[str]:
    words: list[str] = []
    for name, value in attributes.items():
        if value is True:  # "wireless: true" is found by "wireless"
            words.append(name.replace("_", " "))
        elif isinstance(value, str):
            words.append(value)
        elif isinstance(value, tuple):
            words += value
    return words
