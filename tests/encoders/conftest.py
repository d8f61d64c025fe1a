"""Tiny models with random weights, made on the spot: real architectures, no download."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TEXT = """usb c cable desk lamp a warm winter jacket with hood for women coffee mug blue 300 ml text
garden hose query passage : , . - tn 2110"""
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def wordpiece(special: list[str], template: str) -> Tokenizer:
    pieces = [*LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*special, *TEXT.split(), *pieces]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=special[1]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if template:
        ends = [part for part in template.split() if part != "$A"]
        pairs = [(end, vocabulary[end]) for end in ends]
        tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=pairs)
    return tokenizer


def save(folder: Path, model: Any, tokenizer: Tokenizer, **names: Any) -> Path:
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return folder


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def bert(folder: Path, max_positions: int = 128, template: str = "[CLS] $A [SEP]") -> Path:
    tokenizer = wordpiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], template)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=max_positions, initializer_range=0.5, **SIZES
    )
    return save(
        folder,
        transformers.BertModel(config),
        tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def xlm_roberta(folder: Path, max_positions: int = 66) -> Path:
    tokenizer = wordpiece(["<s>", "<unk>", "</s>", "<pad>"], "<s> $A </s>")
    torch.manual_seed(0)
    config = transformers.XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=max_positions,
        pad_token_id=3,
        bos_token_id=0,
        eos_token_id=2,
        type_vocab_size=1,
        initializer_range=0.5,
        **SIZES,
    )
    return save(
        folder,
        transformers.XLMRobertaModel(config),
        tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bert(tmp_path_factory.mktemp("bert") / "tiny-bert")


@pytest.fixture(scope="session")
def xlm_roberta_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return xlm_roberta(tmp_path_factory.mktemp("xlm-roberta") / "tiny-xlm-roberta")


@pytest.fixture(scope="session")
def short_bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with 48 positions whose tokenizer adds nothing to a text."""
    return bert(tmp_path_factory.mktemp("short") / "short-bert", max_positions=48, template="")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of exported models, shared by the tests that do not break it."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def use_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(cache))


@pytest.fixture(scope="session")
def torch_vectors() -> Callable[..., Any]:
    """What the original model says, by the plain definition of pooling."""

    def encode(folder: Path, texts: list[str], pooling: str = "mean", max_tokens: int = 128) -> Any:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.AutoModel.from_pretrained(folder).eval()
        vectors = []
        for text in texts:
            with torch.no_grad():
                ids = tokenizer(text, return_tensors="pt", truncation=True, max_length=max_tokens)
                hidden = model(**ids).last_hidden_state[0]
            pooled = hidden[0] if pooling == "cls" else hidden.mean(dim=0)
            vectors.append((pooled / pooled.norm()).numpy())
        return vectors

    return encode
