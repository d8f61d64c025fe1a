"""A tiny BERT with random weights and a few texts, compressed in every way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from aisle.encoders.compression.material import Material, make_material
from aisle.settings import EncoderSettings

WORDS = "usb c cable desk lamp a warm winter jacket with hood coffee mug blue red garden hose black white small large"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ITEMS = [f"{colour} {thing} {size}" for colour in ("blue", "red", "black", "white")
         for thing in ("usb cable", "desk lamp", "winter jacket with hood", "coffee mug", "garden hose")
         for size in ("small", "large")]  # fmt: skip


def tiny_bert(folder: Path, unused: int = 0) -> Path:
    """A BERT of 2 layers and 4 heads; `unused` words of its vocabulary stand in no text."""
    spare = [f"spare{'abcdefghij'[number]}" for number in range(unused)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", *spare, "[SEP]", *WORDS.split(), *LETTERS, *(f"##{one}" for one in LETTERS)]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64, initializer_range=0.3,
    )  # fmt: skip
    folder.mkdir(parents=True)
    transformers.BertModel(config).save_pretrained(folder)
    names = ["input_ids", "token_type_ids", "attention_mask"]
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_input_names=names,
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("material")
    source = tiny_bert(folder / "model", unused=10)
    settings = EncoderSettings(model=str(source), max_tokens=32, threads=1)
    return make_material(source, settings, folder / "float32", ITEMS, ["blue mug", "usb cable 2 m"], budget_s=5)


@pytest.fixture
def with_budget(material: Material) -> Callable[[float], Material]:
    def change(seconds: float) -> Material:
        return replace(material, budget_s=seconds)

    return change


def cosines(one: Any, other: Any) -> Any:
    return (one * other).sum(axis=1)
