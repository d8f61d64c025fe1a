"""A tokenizer learned from the shop's own texts."""

from collections.abc import Iterable
from typing import Any

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
    made = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        limit_alphabet=int(ALPHABET_SHARE * vocabulary),
        special_tokens=list(BERT_MARKS),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    marks = [(mark, made.token_to_id(mark)) for mark in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=marks
    )
    made.decoder = decoders.WordPiece()
    return made


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
