"""Masked language modelling with next-sentence prediction (Devlin et al. 2019)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from aisle.encoders.learning.devices import device, moved
from aisle.encoders.learning.distributed import apart
from aisle.encoders.pretraining.corpus import Corpus
from aisle.encoders.pretraining.examples import Examples, Frame, Ragged, batches_by_length, build_examples
from aisle.encoders.pretraining.layout import NO_PAIR, draw_pairs, lay_out
from aisle.encoders.pretraining.masking import Masking, mask_tokens
from aisle.encoders.pretraining.objective import log_shares
from aisle.encoders.pretraining.plan import Pretraining
from aisle.errors import InputError

MEASURED_SHARE = 0.15
"""Of the held-out tokens, those hidden: as in BERT, whatever share is hidden while learning."""
HELD_OUT_EPOCH = 2**31
"""No epoch of learning has this number: held-out tokens are hidden once and for all."""


@dataclass(frozen=True, slots=True)
class MaskedBatch:
    """Texts with some tokens hidden; n texts of t tokens, m of them to foretell."""

    tokens: dict[str, Tensor]
    """input_ids, attention_mask and, where the model has them, token_type_ids: (n, t) int64."""
    chosen: Tensor
    """(n, t) bool: the tokens to foretell."""
    targets: Tensor
    """(m,) int64: what they are."""
    relation: Tensor
    """(n,) int64: BELONGS, FOREIGN or NO_PAIR (see `layout`)."""

    def of(self, part: slice) -> "MaskedBatch":
        """Some of the texts."""
        before, within = int(self.chosen[: part.start].sum()), int(self.chosen[part].sum())
        tokens = {name: one[part] for name, one in self.tokens.items()}
        return MaskedBatch(tokens, self.chosen[part], self.targets[before : before + within], self.relation[part])


class MaskedNetwork(nn.Module):
    """A masked language model that computes the softmax over the vocabulary at the hidden places only."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self._chosen: Tensor | None = None
        model.base_model.register_forward_hook(self._keep_chosen)

    def forward(self, tokens: dict[str, Tensor], chosen: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits of the chosen tokens (m, vocabulary), and of BELONGS and FOREIGN (n, 2) where the model has them."""
        self._chosen = chosen
        try:
            found = self.model(**tokens)
        finally:
            self._chosen = None
        logits = found["prediction_logits"] if "prediction_logits" in found else found["logits"]
        return logits[0], found.get("seq_relationship_logits")

    def _keep_chosen(self, _: nn.Module, __: Any, output: Any) -> Any:
        if self._chosen is not None:
            output.last_hidden_state = output.last_hidden_state[self._chosen][None]
        return output


class MaskedObjective:
    """Foretell hidden tokens; of pairs, whether the description belongs to the title (half of them do not)."""

    def __init__(self, model: Any, tokenizer: Any, corpus: Corpus, plan: Pretraining) -> None:
        self.network, self.plan = MaskedNetwork(model), plan
        self.frame, self.pad_id = Frame.of(tokenizer), int(tokenizer.pad_token_id or 0)
        self.inputs = [name for name in tokenizer.model_input_names if name != "input_ids"]
        self.learned = build_examples(corpus.learned, tokenizer, self.frame, plan.max_tokens)
        self.held_out = build_examples(corpus.held_out, tokenizer, self.frame, plan.max_tokens)
        self.masking = _masking(tokenizer, plan)
        self.log_shares = log_shares(np.bincount(self.texts.flat, minlength=model.config.vocab_size))

    def batches(self, epoch: int) -> Iterator[MaskedBatch]:
        """Every text, in random batches of like lengths, with other tokens hidden and other pairs parted each time."""
        return self._batches(self.learned, epoch, self.masking)

    def loss_of(self, batch: MaskedBatch) -> Tensor:
        """Cross-entropy of the hidden tokens, plus that of next-sentence prediction where there are pairs."""
        losses, related = self._answers(batch)
        loss = losses.mean()
        if related is not None and bool((batch.relation != NO_PAIR).any()):
            loss = loss + cross_entropy(related, batch.relation, ignore_index=NO_PAIR)
        return loss

    @property
    def texts(self) -> Ragged:
        """The tokens of the texts learned from; a title stands there once for every piece of its description."""
        return self.learned.first.joined(self.learned.second)

    def n_tokens(self, batch: MaskedBatch) -> int:
        """Tokens of a batch, padding not counted."""
        return int(batch.tokens["attention_mask"].sum())

    @torch.no_grad()
    def held_out_loss(self, n_tokens: int | None = None) -> float:
        """Mean cross-entropy of the hidden held-out tokens, in nats."""
        total, n = 0.0, 0
        for batch in self._some_held_out(n_tokens):
            placed = moved(batch, device())
            total += float(self._answers(placed)[0].sum())
            n += len(batch.targets)
        return total / n

    def unigram_loss(self) -> float:
        """Mean cross-entropy of the same tokens under their shares of the texts learned from."""
        targets = np.concatenate([batch.targets.numpy() for batch in self.held_out_batches])
        return float(-self.log_shares[targets].mean())

    @torch.no_grad()
    def pairs_right(self) -> float | None:
        """Share of held-out pairs of which it is told rightly whether they belong together; None where none is."""
        right, n = 0, 0
        for batch in self.held_out_batches:
            placed = moved(batch, device())
            _, related = self._answers(placed)
            if related is None:
                return None
            pair = placed.relation != NO_PAIR
            right += int((related.argmax(dim=1) == placed.relation)[pair].sum())
            n += int(pair.sum())
        return right / n if n else None

    @cached_property
    def held_out_batches(self) -> list[MaskedBatch]:
        """The held-out texts, with the same tokens hidden every time."""
        return list(self._batches(self.held_out, HELD_OUT_EPOCH, replace(self.masking, share=MEASURED_SHARE)))

    def _answers(self, batch: MaskedBatch) -> tuple[Tensor, Tensor | None]:
        """Cross-entropies of the hidden tokens (m,), and logits of BELONGS and FOREIGN (n, 2) or None.

        Each process reads some of the texts; how many tokens are hidden in them differs.
        """

        def of_texts(part: slice) -> tuple[Tensor, Tensor | None]:
            own = batch.of(part)
            logits, related = self.network(own.tokens, own.chosen)
            losses = cross_entropy(logits.float(), own.targets, reduction="none")
            return losses, None if related is None else related.float()

        return apart(of_texts, len(batch.chosen))

    def _some_held_out(self, n_tokens: int | None) -> Iterator[MaskedBatch]:
        n_batches = None if n_tokens is None else max(1, n_tokens // self.plan.batch_tokens)
        return islice(self.held_out_batches, n_batches)

    def _batches(self, examples: Examples, epoch: int, masking: Masking) -> Iterator[MaskedBatch]:
        rng = np.random.default_rng((self.plan.seed, epoch))
        drawn = draw_pairs(examples, self.frame, self.plan.max_tokens, rng)
        for rows in batches_by_length(drawn.lengths, self.plan.batch_tokens, rng):
            rectangle = lay_out(drawn, rows, self.frame, self.pad_id)
            read, chosen = mask_tokens(rectangle.ids, rectangle.texts, masking, rng)
            feeds = {"attention_mask": rectangle.mask, "token_type_ids": rectangle.types}
            tokens = {name: torch.from_numpy(feeds[name]) for name in self.inputs}
            yield MaskedBatch(
                {"input_ids": torch.from_numpy(read), **tokens},
                torch.from_numpy(chosen),
                torch.from_numpy(rectangle.ids[chosen]),
                torch.from_numpy(drawn.relation[rows]),
            )


def _masking(tokenizer: Any, plan: Pretraining) -> Masking:
    marks = set(tokenizer.all_special_ids)
    ordinary = np.array([number for number in range(len(tokenizer)) if number not in marks])
    continues = None
    if plan.whole_words:
        names = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        continues = np.array([name.startswith("##") for name in names])
        if not continues.any():
            raise InputError("whole words need a WordPiece tokenizer, whose pieces begin with ##; leave the option out")
    return Masking(int(tokenizer.mask_token_id), ordinary, plan.masked_share, continues)
