"""How a sequence model learns, in PyTorch: predict what comes next at every position, or what was hidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from aisle.encoders.learning.distributed import is_first, n_processes
from aisle.recommenders.graph import Graph, export
from aisle.recommenders.learning import Learned, Progress, learn
from aisle.recommenders.neighbourhood import company_vectors
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.sequences import NO_TARGET, Batch, Sequences, packed_batches, padded
from aisle.recommenders.shards import highest, parted_softmax_loss, total, whole_rows
from aisle.recommenders.softmax import softmax_loss
from aisle.recommenders.transformer import Asking, ItemTable, Reader, answer, fresh
from aisle.types import Rows, Vectors

if TYPE_CHECKING:
    from aisle.recommenders.sequence_model import SequenceModel

WATCHED = 10_000
"""Most users of the holdout that are asked after each epoch, drawn at random: an epoch must not wait for its exam."""
AT_ONCE = 256
DEPTH = 10
"""The cut-off of the NDCG that decides."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What serving needs."""

    vectors: Vectors
    question: Vectors
    graph: Graph
    learned: Learned


class SequenceNetwork(nn.Module):
    """The table of items and the reader of one model, with its loss.

    In several processes the table is in parts and the reader whole in each: all read the same batch.
    """

    def __init__(self, model: "SequenceModel", own: Tensor, features: Tensor | None) -> None:
        """`own` is (n_items,) float32, 1 for items that somebody chose; `features` is (n_items, width) float32."""
        super().__init__()
        self.model = model
        self.n_items = len(own)
        extra = 0 if model.causal else 1
        self.table = ItemTable(
            self.n_items + extra,
            model.dim,
            functional.pad(own, (0, extra), value=1.0),
            None if features is None else functional.pad(features, (0, 0, 0, extra)),
            model.alone,
        )
        self.reader = Reader(model.dim, model.length, model.dropout, model.blocks(), causal=model.causal)
        self.apply(fresh)
        self.register_buffer("choosable", torch.nonzero(own).flatten())
        self.register_buffer("frequency", torch.zeros(self.n_items))

    choosable: Tensor
    frequency: Tensor

    def loss(self, batch: Batch) -> Tensor:
        """Mean of -log p(target) over the positions that have one."""
        table = self.table()
        rows, positions, segments, targets = (
            torch.from_numpy(part) for part in (batch.rows, batch.positions, batch.segments, batch.targets)
        )
        hidden = self.reader(self.table.read(rows, table), positions, segments)
        asked = targets != NO_TARGET
        if not asked.any():
            nothing: Tensor = 0 * hidden.sum()
            return nothing
        chosen = self.table.without_last(table, self.n_items)
        return self._choice_loss(answer(hidden[asked], self.model.temperature), chosen, targets[asked])

    def asking(self) -> Asking:
        """What answers the end of histories."""
        return Asking(self.reader, self.model.temperature).eval()

    def outputs(self, table: Tensor) -> Tensor:
        """What answers are multiplied with."""
        return functional.normalize(table, dim=-1) if self.model.temperature else table

    def _choice_loss(self, answers: Tensor, table: Tensor, targets: Tensor) -> Tensor:
        drawn, bias = self.choosable, None
        if 0 < self.model.negatives < len(self.choosable):
            drawn, bias = self._draw(targets)
        first, n_drawn = self.table.part.start, len(drawn)
        if n_drawn < self.n_items or n_processes() > 1:
            here = (drawn >= first) & (drawn < first + len(table))
            drawn, bias = drawn[here], None if bias is None else bias[here]
            places = torch.full((self.n_items,), -1)
            places[drawn] = torch.arange(len(drawn))
            table, targets = table[drawn - first], places[targets]
        if n_processes() == 1:
            return softmax_loss(answers, self.outputs(table), targets, bias, self.model.smoothing)
        return parted_softmax_loss(answers, self.outputs(table), targets, bias, self.model.smoothing, n_drawn)

    def _draw(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The targets of the step with `negatives` drawn evenly, and -log of each one's chance to be among them."""
        extra = torch.randint(len(self.choosable), (self.model.negatives,))
        drawn = torch.unique(torch.cat([targets, self.choosable[extra]]))
        by_target = torch.log1p(-self.frequency[drawn]) * len(targets)
        evenly = np.log1p(-1 / len(self.choosable)) * self.model.negatives
        return drawn, -torch.log(-torch.expm1(by_target + evenly))


def teach(
    model: "SequenceModel",
    sequences: Sequences,
    chosen: Rows,
    features: Vectors | None,
    holdout: Holdout | None,
    tell: Progress,
) -> Taught | None:
    """Learn from `sequences`, whose rows are places among the vectors of `model`; `chosen` are those that occur.

    In several processes each holds a part of the table. What came of it is in the first, None in the others.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.seed)
        rng = np.random.default_rng(model.seed)
        own = torch.zeros(len(model.rows_))
        own[model.index_[chosen]] = 1
        network = SequenceNetwork(model, own, None if features is None else torch.from_numpy(features))
        if model.head_start:
            network.table.start(torch.from_numpy(company_vectors(sequences, network.n_items, model.dim, rng)))
        counts = np.bincount(sequences.rows, minlength=network.n_items)
        network.frequency = torch.from_numpy((counts / counts.sum()).astype(np.float32)).clamp(max=0.999)
        exam = None if holdout is None else _Exam(network, holdout, rng)

        def epoch() -> Iterator[Batch]:
            for batch in packed_batches(sequences, model.length, model.batch, rng, causal=model.causal):
                yield model.lesson(batch, network.n_items, rng)

        able = exam if exam and exam.asked else None
        learned = learn(network, epoch, network.loss, model.course, able, tell)
    table = whole_rows(network.table().detach(), network.table.n_items)
    return _taught(network, table, learned) if is_first() else None


class _Exam:
    """NDCG@10 of a network on a holdout, the whole catalogue ranked; ties count half."""

    def __init__(self, network: SequenceNetwork, holdout: Holdout, rng: np.random.Generator) -> None:
        self.network, model = network, network.model
        asked = [model.places(history) for history in holdout.histories]
        able = np.array([at for at, places in enumerate(asked) if len(places)], np.int64)
        if len(able) > WATCHED:
            able = rng.choice(able, WATCHED, replace=False)
        order = able[np.argsort([len(asked[at]) for at in able], kind="stable")]
        self.asked = [asked[at] for at in order]
        self.relevant = [model.index_[np.unique(holdout.relevant[at])] for at in order]
        self.excluded = [model.index_[holdout.excluded[at]] for at in order]

    def __call__(self) -> float:
        """The mean over the users."""
        table = self.network.table()
        gained = sum(self._gained(table, slice(start, start + AT_ONCE)) for start in range(0, len(self.asked), AT_ONCE))
        return gained / max(1, len(self.asked))

    def _gained(self, table: Tensor, part: slice) -> float:
        """The sum of the NDCG of some users. An item without a vector is never found.

        Each process scores the items that it holds; together they count how many are ahead.
        """
        scores = self._scores(table, self.asked[part])
        first = self.network.table.part.start
        users, items = _pairs(self.excluded[part])
        here = (items >= first) & (items < first + scores.shape[1])
        scores[users[here], items[here] - first] = -torch.inf
        users, items = _pairs(self.relevant[part])
        here = (items >= first) & (items < first + scores.shape[1])
        own = torch.full((len(items), 1), -torch.inf)
        own[here, 0] = scores[users[here], items[here] - first]
        own, of = highest(own), scores[users]
        ahead = total((of > own).sum(1)) + (total((of == own).sum(1)) - 1) / 2
        gains = torch.where(ahead < DEPTH, 1 / torch.log2(ahead + 2), 0.0)
        best = [min(DEPTH, len(relevant)) for relevant in self.relevant[part]]
        ideal = torch.cumsum(1 / torch.log2(torch.arange(DEPTH) + 2.0), 0)[torch.tensor(best) - 1]
        return float((gains / ideal[users]).sum())

    def _scores(self, table: Tensor, asked: list[Rows]) -> Tensor:
        model = self.network.model
        places, lengths = padded(asked, model.length, None if model.causal else self.network.n_items)
        vectors = self.network.table.read(torch.from_numpy(places), table)
        answers: Tensor = self.network.asking()(vectors, torch.from_numpy(lengths))
        return answers @ self.network.outputs(self.network.table.without_last(table, self.network.n_items)).T


def _pairs(places: list[Rows]) -> tuple[Tensor, Tensor]:
    """Users and their places, one pair each, without places below 0."""
    users = np.repeat(np.arange(len(places)), [len(one) for one in places])
    items = np.concatenate(places) if places else users
    return torch.from_numpy(users[items >= 0]), torch.from_numpy(items[items >= 0])


def _taught(network: SequenceNetwork, table: Tensor, learned: Learned) -> Taught:
    model = network.model
    n_places = min(3, model.length)
    vectors = table[torch.randint(len(table), (2, n_places), generator=torch.Generator().manual_seed(0))]
    graph = export(
        network.asking(),
        {"vectors": vectors, "lengths": torch.tensor([n_places, 1])},
        {"vectors": {0: "n", 1: "length"}, "lengths": {0: "n"}, "hidden": {0: "n"}},
        "hidden",
    )
    return Taught(table[: network.n_items].numpy(), table[network.n_items :].numpy(), graph, learned)
