"""What all models share that read a history as a sequence: learned with PyTorch, served with ONNX Runtime."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.graph import Graph, open_graph
from aisle.recommenders.learning import Course, Learned, Progress
from aisle.recommenders.protocol import History, Holdout, Interactions, exclusions
from aisle.recommenders.sequences import Batch, Sequences, disliked_rows, liked_rows, padded, sequences_of
from aisle.recommenders.slate import propose
from aisle.types import Candidates, Rows, Scores, Vectors

if TYPE_CHECKING:
    from torch import nn

BLOCK = 512
"""Histories answered at once."""
ROWS = 25_600
"""Rows read in one run of the graph, 512 histories of 50: what attention holds grows with each."""
_NO_GRAPH: Graph = np.empty(0, np.uint8)


@dataclass(kw_only=True, eq=False)
class SequenceModel:
    """Reads the rows that were chosen (weight above 0), oldest first, and gives each item its chance to be next.

    p(i | h) = softmax over i of out(h) . v(i), where v(i) is the item's vector, the same that is read
    in (tied), and out(h) the network's answer at the end of the history. Scores are these chances,
    so they compare across users. An item that nobody chose gets 0, unless `features` tell of it; so
    does an item of the history whose last weight is below 0. A history without a known chosen row
    gets no candidates. Only the last `length` rows count.

    A subclass is one network. Raises InputError when a value is out of range.
    """

    name = ""
    causal = True
    """Whether a position sees only its past; otherwise it is asked by a token put at the end (cloze)."""

    dim: int = 64
    """Width of item vectors and of the network."""
    layers: int = 2
    heads: int = 2
    """Divides `dim`."""
    dropout: float = 0.5
    length: int = 50
    """Most rows of a history that are read."""
    negatives: int = 1024
    """Items drawn evenly for each step, besides all targets of that step, to softmax over (with the logQ
    correction of Bengio and Senecal, 2008); 0, or a smaller catalogue: the softmax over all items, exact."""
    smoothing: float = 0.0
    """Label smoothing: the share of each target that goes to all items alike."""
    temperature: float = 12.0
    """When above 0, vectors have length 1 and their cosine is multiplied by this; 0: plain products."""
    head_start: bool = True
    """Whether vectors start from the company that items keep (neighbourhood.company_vectors) and not from chance."""
    batch: int = 2048
    """Rows learned from in one step."""
    epochs: int = 100
    patience: int = 5
    budget_s: float = math.inf
    learning_rate: float = 3e-3
    weight_decay: float = 0.0
    averaging: float = 0.0
    """See learning.Course for these six."""
    features: Vectors | None = None
    """(n_items, width) float32, what is known of items without behaviour: text vector, category, price, by row;
    a new item is then recommended from its description alone. Not kept by `save`, which has no more need of it."""
    alone: float = 0.2
    """With features: share of the items that a step knows by their features only."""
    seed: int = 0
    processes: int = 1
    """Of this machine that learn together: each holds a part of the vectors of items, with their gradients and moments,
    for catalogues that one process cannot hold while it learns. Not kept by `save`."""

    rows_: Rows = field(init=False, default_factory=lambda: np.empty(0, np.int64))
    """(n_known,) int64: which row each vector belongs to."""
    index_: NDArray[np.int64] = field(init=False, default_factory=lambda: np.empty(0, np.int64))
    """(n_items,) int64: the place of each row among the vectors, -1 for none."""
    vectors_: Vectors = field(init=False, default_factory=lambda: np.empty((0, 0), np.float32))
    """(n_known, dim) float32, as they are read in."""
    outputs_: Vectors = field(init=False, default_factory=lambda: np.empty((0, 0), np.float32))
    """(n_known, dim) float32, as answers are multiplied with them: `vectors_`, of length 1 with a temperature."""
    question_: Vectors = field(init=False, default_factory=lambda: np.empty((0, 0), np.float32))
    """(0 or 1, dim) float32: what is put at the end of a history to ask for the next."""
    graph_: Graph = field(init=False, default_factory=lambda: _NO_GRAPH)
    learned_: Learned = field(init=False, default=Learned((), 0, "not fitted"))
    """How learning went; not kept by `save`."""
    session_: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        counts = {name: getattr(self, name) for name in ("dim", "layers", "heads", "length", "batch", "processes")}
        low = [f"{name}={value}" for name, value in counts.items() if value < 1]
        if low or self.dim % self.heads:
            given = ", ".join(low) or f"dim={self.dim}, heads={self.heads}"
            raise InputError(f"{given}; expected at least 1, and heads that divide dim")
        for name in ("dropout", "smoothing", "alone"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}; expected 0 <= {name} < 1")
        if self.negatives < 0 or not self.temperature >= 0:
            raise InputError(f"negatives={self.negatives}, temperature={self.temperature}; expected at least 0")
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

    def blocks(self) -> "list[nn.Module]":
        """The layers of the network, new."""
        raise NotImplementedError

    def lesson(self, batch: Batch, question: int, rng: np.random.Generator) -> Batch:
        """What is learned from a batch: here what comes next; `question` is the place of the asking token."""
        return batch

    def fit(self, interactions: Interactions, holdout: Holdout | None = None, progress: Progress | None = None) -> Self:
        """Learn to predict each next row; with a `holdout`, keep the epoch of its best NDCG@10 and stop early.

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
            self._learn(Sequences(self.index_[sequences.rows], sequences.starts), chosen, holdout, progress)
        self._open()
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the chance of each item to be chosen next."""
        scores = np.zeros((len(histories), len(self.index_)), np.float32)
        asked = [self.places(history) for history in histories]
        told = np.array([at for at, places in enumerate(asked) if len(places)], np.int64)
        if len(self.graph_) == 0 or len(told) == 0:
            return scores
        chances = self.hidden([asked[at] for at in told]) @ self.outputs_.T
        chances -= chances.max(axis=1, keepdims=True)
        np.exp(chances, out=chances)
        chances /= chances.sum(axis=1, keepdims=True)
        scores[np.ix_(told, self.rows_)] = chances
        for row_scores, history in zip(scores, histories, strict=True):
            row_scores[disliked_rows(history.known(len(self.index_)))] = 0
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items most likely to be next in each history."""
        excluded = exclusions(histories, k, exclude)
        found: list[Candidates] = []
        for start in range(0, len(histories), BLOCK):
            part = slice(start, start + BLOCK)
            found += propose(self.score(histories[part]), k, self.name, excluded[part])
        return found

    def save(self, folder: Path) -> None:
        """Write vectors, settings and the network to `folder`/`name`.npz."""
        settings = {name: getattr(self, name) for name in _settings(type(self))}
        arrays = {key: getattr(self, f"{key}_") for key in ("rows", "index", "vectors", "question", "graph")}
        write_arrays(folder, self.name, settings=json.dumps(settings), **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; PyTorch is not needed. Raises ReleaseError when the file is missing or damaged."""
        settings, rows, index, vectors, question, graph = read_arrays(
            folder, cls.name, "settings", "rows", "index", "vectors", "question", "graph"
        )
        try:
            model = cls(**json.loads(str(settings)))
        except (ValueError, TypeError) as error:
            raise ReleaseError(f"the settings of {folder / cls.name}.npz are damaged: {error}; build again") from error
        model.rows_, model.index_, model.vectors_, model.question_, model.graph_ = rows, index, vectors, question, graph
        model._open()
        return model

    def places(self, history: History) -> Rows:
        """Where the vectors of what was chosen in a history are, oldest first; unknown rows are left out."""
        places = self.index_[liked_rows(history.known(len(self.index_)))]
        return places[places >= 0]

    def hidden(self, asked: Sequence[Rows]) -> Vectors:
        """(len(asked), dim) float32: the network's answer to each list of `places`, which must not be empty."""
        answers = np.empty((len(asked), self.dim), np.float32)
        question = len(self.vectors_) if len(self.question_) else None
        table = np.concatenate([self.vectors_, self.question_]) if len(self.question_) else self.vectors_
        order = np.argsort([len(places) for places in asked], kind="stable")
        step = max(1, ROWS // self.length)
        for start in range(0, len(order), step):
            part = order[start : start + step]
            places, lengths = padded([asked[at] for at in part], self.length, question)
            given = {"vectors": table[places], "lengths": lengths}
            answers[part] = self.session_.run(["hidden"], given)[0]
        return answers

    def _open(self) -> None:
        """Make ready to answer from what was learned or read."""
        self.session_ = open_graph(self.graph_) if len(self.graph_) else None
        self.outputs_ = self.vectors_
        if self.temperature:
            lengths = np.linalg.norm(self.vectors_, axis=1, keepdims=True)
            self.outputs_ = self.vectors_ / np.maximum(lengths, 1e-12)

    def _learn(self, sequences: Sequences, chosen: Rows, holdout: Holdout | None, progress: Progress | None) -> None:
        # this module brings PyTorch, which serving must not wait for
        from aisle.encoders.learning.launching import run  # noqa: PLC0415
        from aisle.recommenders.sequence_learning import teach  # noqa: PLC0415

        features = None if self.features is None else self.features.astype(np.float32)
        self.session_ = None  # it cannot travel to another process
        n_processes = min(self.processes, len(self.rows_))
        taught = run(teach, n_processes, self, sequences, chosen, features, holdout, hear=progress)
        if taught is not None:
            self.vectors_, self.question_, self.graph_ = taught.vectors, taught.question, taught.graph
            self.learned_ = taught.learned

    def _forget(self) -> None:
        self.vectors_ = np.zeros((len(self.rows_), self.dim), np.float32)
        self.question_ = np.empty((0, self.dim), np.float32)
        self.graph_ = _NO_GRAPH
        self.learned_ = Learned((), 0, "nobody chose two items one after another")


def _settings(model: type[SequenceModel]) -> list[str]:
    return [one.name for one in fields(model) if one.init and one.name not in ("features", "processes")]
