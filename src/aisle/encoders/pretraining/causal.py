"""Causal language modelling: foretell the next token (Radford et al. 2018)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from aisle.encoders.learning.devices import device, moved
from aisle.encoders.learning.distributed import apart
from aisle.encoders.pretraining.corpus import Corpus
from aisle.encoders.pretraining.examples import Ragged, token_lists
from aisle.encoders.pretraining.objective import log_shares
from aisle.encoders.pretraining.plan import Pretraining


class CausalObjective:
    """Foretell each token from those before it, in blocks packed full of texts behind one another: no padding."""

    def __init__(self, model: Any, tokenizer: Any, corpus: Corpus, plan: Pretraining) -> None:
        self.network: nn.Module = model
        self.plan, self.end_id = plan, int(tokenizer.eos_token_id)
        self.learned = Ragged.of(list(token_lists((passage.text for passage in corpus.learned), tokenizer)))
        held_out = Ragged.of(list(token_lists((passage.text for passage in corpus.held_out), tokenizer)))
        self.held_out = self._blocks(held_out, np.arange(len(held_out)))
        flat = np.append(self.learned.flat, np.full(len(self.learned), self.end_id))
        self.log_shares = log_shares(np.bincount(flat, minlength=model.config.vocab_size))

    def batches(self, epoch: int) -> Iterator[Tensor]:
        """All texts in random order, an end mark behind each, cut into blocks: (n, n_tokens) int64."""
        rng = np.random.default_rng((self.plan.seed, epoch))
        yield from self._batches(self._blocks(self.learned, rng.permutation(len(self.learned))))

    def loss_of(self, batch: Tensor) -> Tensor:
        """Cross-entropy of every token but the first of its block."""
        return self._losses(batch).mean()

    @property
    def texts(self) -> Ragged:
        """The tokens of the texts learned from."""
        return self.learned

    def n_tokens(self, batch: Tensor) -> int:
        """Tokens of a batch; there is no padding."""
        return batch.numel()

    @torch.no_grad()
    def held_out_loss(self, n_tokens: int | None = None) -> float:
        """Mean cross-entropy of the held-out tokens, in nats."""
        n_blocks = None if n_tokens is None else max(1, n_tokens // self.plan.max_tokens)
        blocks = self.held_out[:n_blocks]
        total = sum(float(self._losses(moved(batch, device())).sum()) for batch in self._batches(blocks))
        return total / blocks[:, 1:].size

    def unigram_loss(self) -> float:
        """Mean cross-entropy of the same tokens under their shares of the texts learned from."""
        return float(-self.log_shares[self.held_out[:, 1:]].mean())

    def pairs_right(self) -> float | None:
        """Nobody asks a causal model what belongs together."""
        return None

    def _losses(self, batch: Tensor) -> Tensor:
        """(n, n_tokens - 1) cross-entropies of the tokens of a batch, each process computing some rows."""

        def of_rows(part: slice) -> Tensor:
            logits = self.network(input_ids=batch[part], use_cache=False).logits[:, :-1]
            return cross_entropy(logits.transpose(1, 2).float(), batch[part, 1:], reduction="none")

        return apart(of_rows, len(batch))

    def _batches(self, blocks: NDArray[np.int64]) -> Iterator[Tensor]:
        n_rows = max(1, self.plan.batch_tokens // blocks.shape[1])
        for begin in range(0, len(blocks), n_rows):
            yield torch.from_numpy(blocks[begin : begin + n_rows])

    def _blocks(self, texts: Ragged, order: NDArray[np.int64]) -> NDArray[np.int64]:
        """Texts in this order, cut into blocks of `max_tokens`; the rest, which fills no block, is left out."""
        ends = np.array([self.end_id], np.int32)
        flat = np.concatenate([part for row in order for part in (texts[row], ends)]).astype(np.int64)
        length = min(self.plan.max_tokens, len(flat))
        return flat[: len(flat) // length * length].reshape(-1, length)
