"""A tokenizer learned from the shop's own texts."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from aisle.encoders.pretraining.plan import Objective

BERT_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
END_OF_TEXT = "<|endoftext|>"
ALPHABET_SHARE = 0.75
"""Of the vocabulary, most that single characters may take: Chinese has many, and the rare ones are left out."""


def train_tokenizer(texts: Iterable[str], objective: Objective, vocabulary: int, max_tokens: int) -> Any:
    """A fast Hugging Face tokenizer of at most `vocabulary` tokens, learned from `texts`.

    For masked models WordPiece (Schuster and Nakajima 2012) in lower case, each Chinese character a token
    of its own, as BERT has it; for causal models byte-level BPE (Radford et al. 2019), which reads anything.
    """
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415  seconds to import

    made = _word_pieces(texts, vocabulary) if objective == "masked" else _byte_pairs(texts, vocabulary)
    if objective == "causal":
        return PreTrainedTokenizerFast(
            tokenizer_object=made,
            bos_token=END_OF_TEXT,
            eos_token=END_OF_TEXT,
            pad_token=END_OF_TEXT,
            model_max_length=max_tokens,
            model_input_names=["input_ids", "attention_mask"],
        )
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        **dict(zip(names, BERT_MARKS, strict=True)),
        model_max_length=max_tokens,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def _word_pieces(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    learned = list(texts)
    made = _reader(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    letters, continuing = _letters(made, learned, int(ALPHABET_SHARE * vocabulary))
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        # Letters inside words get their numbers here: the trainer would number them as it meets them, in an order that
        # is drawn anew each time, and break ties by it.
        special_tokens=[*BERT_MARKS, *(f"##{letter}" for letter in continuing)],
        show_progress=False,
    )
    made.train_from_iterator(learned, trainer)
    whole = _reader(models.WordPiece(made.get_vocab(), unk_token="[UNK]", max_input_chars_per_word=100))
    whole.add_special_tokens(list(BERT_MARKS))
    marks = [(mark, whole.token_to_id(mark)) for mark in ("[CLS]", "[SEP]")]
    whole.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=marks
    )
    whole.decoder = decoders.WordPiece()
    return whole


def _reader(model: models.Model) -> Tokenizer:
    made = Tokenizer(model)
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def _letters(made: Tokenizer, texts: Iterable[str], most: int) -> tuple[list[str], list[str]]:
    """The most frequent letters of `texts`, and those of them that stand inside words; each in order, `most` in all."""
    counts: Counter[str] = Counter()
    inside: set[str] = set()
    for text in texts:
        for word, _ in made.pre_tokenizer.pre_tokenize_str(made.normalizer.normalize_str(text)):
            counts.update(word)
            inside.update(word[1:])
    often = sorted(sorted(counts), key=lambda letter: -counts[letter])
    taken = np.cumsum([1 + (letter in inside) for letter in often])
    kept = often[: int(np.searchsorted(taken, most, side="right"))]
    return sorted(kept), sorted(inside.intersection(kept))


def _byte_pairs(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[AddedToken(END_OF_TEXT, special=True)],
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    made.decoder = decoders.ByteLevel()
    return made
