"""A Hugging Face encoder and its pooling as one network: tokens in, vectors out, with gradients."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from aisle.errors import InputError

POOLINGS = ("mean", "cls", "last")


class Embedder(nn.Module):
    """Any Hugging Face encoder with its pooling; what `TextEncoder` serves, before it is exported.

    `pooling` is "mean" (Reimers and Gurevych 2019, Sentence-BERT), "cls", the first token's vector, or
    "last", the last real token's (models that read left to right). Raises InputError for another word.
    """

    def __init__(self, backbone: nn.Module, pooling: str) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise InputError(f"pooling={pooling!r}; expected one of {', '.join(POOLINGS)}")
        self.backbone = backbone
        self.pooling = pooling

    def forward(self, tokens: dict[str, Tensor]) -> Tensor:
        """Vectors of texts, (n, dim) float32, L2-normalised; `tokens` as `tokens_of` gives them."""
        hidden = self.backbone(**tokens).last_hidden_state.float()
        return nn.functional.normalize(pooled(hidden, tokens["attention_mask"], self.pooling), dim=-1)


def pooled(hidden: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """One vector a text, (n, dim), from (n, n_tokens, dim) and a mask with 1 for real tokens, as `text.pool`."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        places = torch.arange(mask.shape[1], device=mask.device)
        last = (mask * places).argmax(dim=1)  # right whichever side is padded
        return hidden[torch.arange(len(hidden), device=hidden.device), last]
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def tokens_of(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> dict[str, Tensor]:
    """Token ids of `texts`, padded to the longest and cut to `max_tokens`: (n, n_tokens) int64 each.

    input_ids and attention_mask, and token_type_ids where the model has them.
    """
    return padded(tokenizer, ids_of(tokenizer, texts, max_tokens))


def ids_of(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids of each text, cut to `max_tokens`: for texts that are read often, tokenised once."""
    if not texts:
        return []
    return list(tokenizer(list(texts), truncation=True, max_length=max_tokens, padding=False)["input_ids"])


def padded(tokenizer: Any, ids: Sequence[Sequence[int]]) -> dict[str, Tensor]:
    """A batch of `ids_of`: input_ids, attention_mask and, where the model has them, token_type_ids."""
    width = max((len(one) for one in ids), default=0)
    tokens = torch.full((len(ids), max(1, width)), int(tokenizer.pad_token_id or 0), dtype=torch.int64)
    mask = torch.zeros_like(tokens)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = torch.tensor(one, dtype=torch.int64)
        mask[row, : len(one)] = 1
    batch = {"input_ids": tokens, "attention_mask": mask}
    if "token_type_ids" in tokenizer.model_input_names:
        batch["token_type_ids"] = torch.zeros_like(tokens)
    return batch
