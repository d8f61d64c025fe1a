"""The next item spelled out code by code: a Transformer reads the history, a beam of real items comes out."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.beam import Speaker, spell
from aisle.recommenders.code_trie import Trie, trie_of
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.graph import Graph, open_graph
from aisle.recommenders.learning import Course, Learned, Progress
from aisle.recommenders.neighbourhood import company_vectors
from aisle.recommenders.protocol import History, Holdout, Interactions, exclusions
from aisle.recommenders.semantic_ids import Codes, SemanticIds, semantic_ids
from aisle.recommenders.sequences import Sequences, disliked_rows, liked_rows, padded, sequences_of
from aisle.recommenders.slate import propose
from aisle.types import Candidates, Rows, Scores, Vectors

BLOCK = 512
"""Histories read in one run of the graph."""
_NO_GRAPH: Graph = np.empty(0, np.uint8)
_ARRAYS = ("rows", "index", "codes", "vectors", "graph")
_SPEAKER = tuple(one.name for one in fields(Speaker))


@dataclass(kw_only=True, eq=False)
class Generative:
    """Gives an item the chance of its semantic id: p(i | h) = product over l of p(c(l) | h, c(1) .. c(l-1)).

    Each item has `levels` codes and a last digit of its own (semantic_ids), made from `features`, or, where there are
    none, from the company that items keep (neighbourhood.company_vectors). A causal Transformer reads the history, an
    item being the sum of its codes' vectors and one of its own; a small net a level says each code, given what the
    Transformer makes of the history and the codes before. Both in learning and in serving the softmax is over the codes
    that lead on to a real item, so that the chances of all items add up to 1.

    A beam search keeps the `beam` likeliest beginnings; the items that it ends with get their chance, all others 0. So
    does an item of the history whose last weight is below 0. An item that nobody chose has codes, and may be found,
    only with `features`. A history without a known chosen row gets no candidates. Only the last `length` rows count.

    Sources: Rajput et al., Recommender systems with generative retrieval (TIGER), NeurIPS 2023 (codes, beam); Lee et
    al., Autoregressive image generation using residual quantization, CVPR 2022 (one position an item, and a decoder
    over its codes, instead of one position a code). Raises InputError when a value is out of range.
    """

    name = "generative"

    codes: int = 256
    """Most codes a level."""
    levels: int = 3
    """Codes of an item, without its last digit."""
    beam: int = 64
    """Beginnings kept while spelling, and so the most items that a history is answered with."""
    dim: int = 64
    """Width of vectors and of the network."""
    layers: int = 2
    heads: int = 2
    """Divides `dim`."""
    inner: int = 4
    """Width of feed-forward nets, in widths of the network."""
    dropout: float = 0.3
    temperature: float = 12.0
    """Length of what the Transformer makes of a history; 0: as it comes."""
    length: int = 50
    """Most rows of a history that are read."""
    batch: int = 1024
    """Rows learned from in one step."""
    epochs: int = 100
    patience: int = 5
    budget_s: float = math.inf
    learning_rate: float = 3e-3
    weight_decay: float = 0.0
    averaging: float = 0.0
    """See learning.Course for these six."""
    features: Vectors | None = None
    """(n_items, width) float32, what is known of items without behaviour: text vector, category, price, by row. Not
    kept by `save`, which has no more need of it."""
    alone: float = 0.2
    """Share of the items of histories that a step knows by their codes only."""
    seed: int = 0

    rows_: Rows = field(init=False, default_factory=lambda: np.empty(0, np.int64))
    """(n_known,) int64: which row each code belongs to."""
    index_: NDArray[np.int64] = field(init=False, default_factory=lambda: np.empty(0, np.int64))
    """(n_items,) int64: the place of each row among the codes, -1 for none."""
    codes_: Codes = field(init=False, default_factory=lambda: np.empty((0, 0), np.int64))
    """(n_known, levels + 1) int64, no two alike."""
    vectors_: Vectors = field(init=False, default_factory=lambda: np.empty((0, 0), np.float32))
    """(n_known, dim) float32, as items are read in."""
    speakers_: tuple[Speaker, ...] = field(init=False, default=())
    """What says the codes, one a level and one for the digit."""
    graph_: Graph = field(init=False, default_factory=lambda: _NO_GRAPH)
    learned_: Learned = field(init=False, default=Learned((), 0, "not fitted"))
    """How learning went; not kept by `save`."""
    trie_: Trie | None = field(init=False, default=None)
    session_: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        names = ("codes", "levels", "beam", "dim", "layers", "heads", "inner", "length", "batch")
        low = [f"{name}={getattr(self, name)}" for name in names if getattr(self, name) < 1]
        if low or self.dim % self.heads:
            given = ", ".join(low) or f"dim={self.dim}, heads={self.heads}"
            raise InputError(f"{given}; expected at least 1, and heads that divide dim")
        for name in ("dropout", "alone"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}; expected 0 <= {name} < 1")
        if not self.temperature >= 0:
            raise InputError(f"temperature={self.temperature}; expected at least 0")
        _ = self.course  # checks its part
        if self.features is not None and (self.features.ndim != 2 or not np.isfinite(self.features).all()):
            raise InputError(
                f"features have shape {self.features.shape}, and NaN or infinite values in "
                f"{int((~np.isfinite(self.features)).sum())} places; expected (n_items, width) of finite numbers"
            )

    @property
    def course(self) -> Course:
        """How it learns."""
        return Course(
            epochs=self.epochs,
            patience=self.patience,
            budget_s=self.budget_s,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            averaging=self.averaging,
        )

    def fit(self, interactions: Interactions, holdout: Holdout | None = None, progress: Progress | None = None) -> Self:
        """Give items their codes and learn to spell each next one; with a `holdout`, keep its best epoch by NDCG@10.

        Raises InputError when `features` are not one a row, or when learning fails in the first epoch.
        """
        if self.features is not None and len(self.features) != interactions.n_items:
            raise InputError(f"{len(self.features)} features for {interactions.n_items} items; give one an item")
        sequences = sequences_of(interactions)
        chosen = np.unique(sequences.rows)
        self.rows_ = chosen if self.features is None else np.arange(interactions.n_items)
        self.index_ = np.full(interactions.n_items, -1)
        self.index_[self.rows_] = np.arange(len(self.rows_))
        self._forget()
        if (sequences.lengths > 1).any():
            placed = Sequences(self.index_[sequences.rows], sequences.starts)
            self._learn(placed, self.index_[chosen], holdout, progress)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the chance of each item that the beam finds to be next, 0 for the rest."""
        scores = np.zeros((len(histories), len(self.index_)), np.float32)
        asked = [self.places(history) for history in histories]
        told = np.array([at for at, places in enumerate(asked) if len(places)], np.int64)
        if self.trie_ is None or len(told) == 0:
            return scores
        hidden = self.hidden([asked[at] for at in told])
        for spelled in spell(self.speakers_, self.trie_, hidden, self.beam):
            scores[told[spelled.histories], self.rows_[spelled.items]] = spelled.chances
        for row_scores, history in zip(scores, histories, strict=True):
            row_scores[disliked_rows(history.known(len(self.index_)))] = 0
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` likeliest of at most `beam` items for each history."""
        excluded = exclusions(histories, k, exclude)
        found: list[Candidates] = []
        for start in range(0, len(histories), BLOCK):
            part = slice(start, start + BLOCK)
            found += propose(self.score(histories[part]), k, self.name, excluded[part])
        return found

    def save(self, folder: Path) -> None:
        """Write codes, vectors, settings and the network to `folder`/generative.npz."""
        settings = {one.name: getattr(self, one.name) for one in fields(self) if one.init and one.name != "features"}
        arrays = {key: getattr(self, f"{key}_") for key in _ARRAYS}
        for number, speaker in enumerate(self.speakers_):
            arrays |= {f"{name}{number}": getattr(speaker, name) for name in _SPEAKER}
        write_arrays(folder, self.name, settings=json.dumps(settings), n_speakers=len(self.speakers_), **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; PyTorch is not needed. Raises ReleaseError when the file is missing or damaged."""
        settings, n_speakers, *arrays = read_arrays(folder, cls.name, "settings", "n_speakers", *_ARRAYS)
        try:
            model = cls(**json.loads(str(settings)))
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"the settings of {folder / cls.name}.npz are damaged: {error}; build again") from error
        for key, array in zip(_ARRAYS, arrays, strict=True):
            setattr(model, f"{key}_", array)
        model.speakers_ = tuple(
            Speaker(*read_arrays(folder, cls.name, *(f"{name}{number}" for name in _SPEAKER)))
            for number in range(int(n_speakers))
        )
        model.open()
        return model

    def places(self, history: History) -> Rows:
        """Where the codes of what was chosen in a history are, oldest first; unknown rows are left out."""
        places = self.index_[liked_rows(history.known(len(self.index_)))]
        return places[places >= 0]

    def hidden(self, asked: Sequence[Rows]) -> Vectors:
        """(len(asked), dim) float32: what the Transformer makes of each list of `places`, which must not be empty."""
        hidden = np.empty((len(asked), self.dim), np.float32)
        order = np.argsort([len(places) for places in asked], kind="stable")
        for start in range(0, len(order), BLOCK):
            part = order[start : start + BLOCK]
            places, lengths = padded([asked[at] for at in part], self.length)
            hidden[part] = self.session_.run(["hidden"], {"vectors": self.vectors_[places], "lengths": lengths})[0]
        return hidden

    def open(self) -> None:
        """Make ready to answer from what was learned or read."""
        self.trie_ = trie_of(self.codes_) if len(self.codes_) else None
        self.session_ = open_graph(self.graph_) if len(self.graph_) else None

    def _learn(self, sequences: Sequences, chosen: Rows, holdout: Holdout | None, progress: Progress | None) -> None:
        # this module brings PyTorch, which serving must not wait for
        from aisle.recommenders.generative_learning import teach  # noqa: PLC0415

        company = company_vectors(sequences, len(self.rows_), self.dim, np.random.default_rng(self.seed))
        company /= np.maximum(np.linalg.norm(company, axis=1, keepdims=True), 1e-12)
        ids = self._named(company)
        self.codes_ = ids.codes
        self.trie_ = trie_of(ids.codes)
        teach(self, sequences, chosen, company, ids, holdout, progress)

    def _named(self, company: Vectors) -> SemanticIds:
        known = company if self.features is None else self.features.astype(np.float32)
        return semantic_ids(known, self.codes, self.levels, self.seed)

    def _forget(self) -> None:
        self.codes_ = np.empty((0, self.levels + 1), np.int64)
        self.vectors_ = np.zeros((len(self.rows_), self.dim), np.float32)
        self.speakers_, self.graph_ = (), _NO_GRAPH
        self.learned_ = Learned((), 0, "nobody chose two items one after another")
        self.open()
