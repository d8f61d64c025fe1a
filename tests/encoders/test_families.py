"""The well-known families, on tiny models with their configuration classes and files: read right, exported right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from aisle.encoders import memory, prepare_encoder
from aisle.encoders.families import reading_of
from aisle.encoders.text import TextEncoder, pool
from aisle.errors import InputError
from aisle.settings import EncoderSettings

TEXTS = ["usb c cable", "a warm winter jacket with a hood, for women", "无线耳机", "coffee " * 12, "mug"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = "usb c cable desk lamp a warm winter jacket coffee mug query passage : , . instruct represent"
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bge-small-en-v1.5": ("BertConfig", "BertModel", {}),
    "bge-m3": ("XLMRobertaConfig", "XLMRobertaModel", {"type_vocab_size": 1, "pad_token_id": 0}),
    "multilingual-e5-small": ("BertConfig", "BertModel", {}),
    "multilingual-e5-base": ("XLMRobertaConfig", "XLMRobertaModel", {"type_vocab_size": 1, "pad_token_id": 0}),
    "gte-small": ("BertConfig", "BertModel", {}),
    "gte-modernbert-base": (
        "ModernBertConfig",
        "ModernBertModel",
        {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3},
    ),
    "jina-embeddings-v3-hf": ("JinaEmbeddingsV3Config", "JinaEmbeddingsV3Model", {"pad_token_id": 0}),
    "Qwen3-Embedding-0.6B": (
        "Qwen3Config",
        "Qwen3Model",
        {"num_key_value_heads": 2, "head_dim": 8, "pad_token_id": 0, "architectures": ["Qwen3ForCausalLM"]},
    ),
    "paraphrase-multilingual-MiniLM-L12-v2": ("BertConfig", "BertModel", {}),
    "all-mpnet-base-v2": ("MPNetConfig", "MPNetModel", {"pad_token_id": 0}),
    "marqo-clip": ("CLIPTextConfig", "CLIPTextModelWithProjection", {"projection_dim": 16, "eos_token_id": 3}),
    "marqo-siglip": ("SiglipTextConfig", "SiglipTextModel", {"projection_size": 32, "eos_token_id": 3}),
}


@pytest.fixture(scope="session")
def family_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a tiny model of a family, once."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp("family") / name
            pieces = ["[PAD]", "[UNK]", "[CLS]", *WORDS.split(), *LETTERS, *(f"##{letter}" for letter in LETTERS)]
            vocabulary = {word: number for number, word in enumerate(dict.fromkeys(pieces))}
            vocabulary["[SEP]"] = len(vocabulary)  # the last one, as the end of a text is in CLIP
            if not name.startswith("marqo"):
                third = next(word for word, number in vocabulary.items() if number == 3)
                vocabulary[third], vocabulary["[SEP]"] = vocabulary["[SEP]"], 3
            tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
            tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            marks = [(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")]
            form = "$A [SEP]" if "Qwen" in name else "[CLS] $A [SEP]"
            tokenizer.post_processor = processors.TemplateProcessing(single=form, special_tokens=marks)
            kind, model, changes = MODELS[name]
            torch.manual_seed(0)
            if changes.get("eos_token_id") == 3 and name.startswith("marqo"):
                changes = {**changes, "eos_token_id": vocabulary["[SEP]"], "max_position_embeddings": 64}
            config = getattr(transformers, kind)(vocab_size=len(vocabulary), **SIZES, **changes)
            network = getattr(transformers, model)(config)
            with torch.no_grad():
                for weight in network.parameters():
                    if weight.ndim > 1:
                        weight.normal_(0, 0.3)
            network.save_pretrained(folder)
            inputs = ["input_ids", "attention_mask"]
            if kind == "BertConfig":
                inputs.insert(1, "token_type_ids")
            transformers.PreTrainedTokenizerFast(
                tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_input_names=inputs
            ).save_pretrained(folder)
            made[name] = folder
        return made[name]

    return make


def read(folder: Path, **changes: Any) -> Any:
    return reading_of(folder, EncoderSettings(model=str(folder), **changes))


@pytest.mark.parametrize(
    ("name", "pooling", "query", "item"),
    [
        ("bge-small-en-v1.5", "cls", "Represent this sentence for searching relevant passages: ", ""),
        ("bge-m3", "cls", "", ""),
        ("multilingual-e5-small", "mean", "query: ", "passage: "),
        ("gte-small", "mean", "", ""),
        ("gte-modernbert-base", "cls", "", ""),
        (
            "jina-embeddings-v3-hf",
            "mean",
            "Represent the query for evidence retrieval: ",
            "Represent the document for retrieval: ",
        ),
        (
            "Qwen3-Embedding-0.6B",
            "last",
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
            "",
        ),
        ("paraphrase-multilingual-MiniLM-L12-v2", "mean", "", ""),
        ("all-mpnet-base-v2", "mean", "", ""),
        ("marqo-clip", "tower", "", ""),
        ("marqo-siglip", "tower", "", ""),
    ],
)
def test_a_family_is_read_as_its_authors_say(
    family_folder: Callable[[str], Path], name: str, pooling: str, query: str, item: str
) -> None:
    reading = read(family_folder(name))
    assert (reading.pooling, reading.query_prefix, reading.item_prefix) == (pooling, query, item)
    assert reading.dim == (16 if name == "marqo-clip" else 32)


@pytest.mark.parametrize("name", list(MODELS))
def test_the_export_agrees_with_the_original_on_padded_batches(family_folder: Callable[[str], Path], name: str) -> None:
    folder = family_folder(name)
    encoder = cast(TextEncoder, prepare_encoder(EncoderSettings(model=str(folder), precision="float32")))
    np.testing.assert_allclose(encoder.encode(TEXTS), np.asarray(original(folder, encoder, name)), atol=2e-4)
    assert encoder.encode(TEXTS).std(axis=0).max() > 0.01


def original(folder: Path, encoder: TextEncoder, name: str) -> Any:
    """The vectors of the original model, one text at a time, without padding (SigLIP: padded as it was trained)."""
    kind = MODELS[name][1]
    model = getattr(transformers, kind if "Projection" in kind or "Text" in kind else "AutoModel").from_pretrained(
        folder
    )
    vectors = []
    for ids in encoder.tokenize(TEXTS):
        given = ids + [0] * (64 - len(ids)) if name == "marqo-siglip" else ids
        with torch.no_grad():
            answer = model.eval()(input_ids=torch.tensor([given]))
        if name.startswith("marqo"):
            one = answer.text_embeds if name == "marqo-clip" else answer.pooler_output
        else:
            pooling = read(folder).pooling
            hidden = answer.last_hidden_state[0]
            one = {"mean": hidden.mean(dim=0), "cls": hidden[0], "last": hidden[-1]}[pooling][None]
        vectors.append((one[0] / one[0].norm()).numpy())
    return np.stack(vectors)


def test_settings_come_first_then_aisles_file_then_sentence_transformers(
    family_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "e5-small-v2"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 32}', "utf-8")
    assert read(folder).query_prefix == "query: "
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}', "utf-8")
    prompts = {"prompts": {"query": "ask: ", "document": "tell: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts), "utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 100}', "utf-8")
    found = read(folder)
    assert (found.pooling, found.query_prefix, found.item_prefix, found.max_tokens) == ("cls", "ask: ", "tell: ", 100)
    ours = {"pooling": "last", "query_prefix": "", "max_tokens": 48, "dim": 8}
    (folder / "aisle.json").write_text(json.dumps(ours), "utf-8")
    found = read(folder)
    assert (found.pooling, found.query_prefix, found.item_prefix) == ("last", "", "tell: ")
    assert (found.max_tokens, found.dim) == (48, 8)
    found = read(folder, pooling="mean", query_prefix="q: ", max_tokens=32)
    assert (found.pooling, found.query_prefix, found.max_tokens) == ("mean", "q: ", 32)


def test_empty_prompts_that_nobody_chose_leave_the_familys(tmp_path: Path) -> None:
    folder = tmp_path / "e5-base"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 32}', "utf-8")
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "", "document": ""}}', "utf-8")
    assert read(folder).item_prefix == "passage: "


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"config.json": {"model_type": "bert", "auto_map": {"AutoModel": "jinaai/x--modeling_bert.JinaBertModel"}}},
            r"code of its own \(JinaBertModel\), which Aisle does not run; choose one that transformers has",
        ),
        (
            {"config.json": {"auto_map": {"AutoModel": "marqo.MarqoFashionSigLIP"}}},
            r"code of its own \(MarqoFashionSigLIP\)",
        ),
        (
            {"config.json": {}, "modules.json": [{"type": "sentence_transformers.models.Dense"}]},
            "a layer Dense after its pooling",
        ),
        (
            {"config.json": {}, "1_Pooling/config.json": {"pooling_mode_max_tokens": True}},
            "pools in a way that Aisle does not know; expected one of mean, cls, last",
        ),
    ],
)
def test_what_aisle_would_compute_wrongly_is_refused(tmp_path: Path, files: dict[str, Any], message: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), "utf-8")
    with pytest.raises(InputError, match=message):
        read(tmp_path)


def test_weights_of_another_architecture_are_refused(family_folder: Callable[[str], Path], tmp_path: Path) -> None:
    folder = family_folder("gte-small")
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(
        json.dumps({**config, "model_type": "mpnet", "architectures": ["MPNetModel"]}), "utf-8"
    )
    with pytest.raises(InputError, match=r"not those of the architecture in its config\.json: they lack"):
        prepare_encoder(EncoderSettings(model=str(tmp_path)))


def test_a_model_larger_than_memory_is_refused_before_it_is_loaded(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path))
    monkeypatch.setattr(memory, "free_memory", lambda: 1_000)
    with pytest.raises(InputError, match=r"GB of memory, and 0\.0 GB are free; choose a smaller model"):
        prepare_encoder(EncoderSettings(model=str(family_folder("gte-small"))))


def test_dimensions_cut_off_leave_a_vector_of_length_one(family_folder: Callable[[str], Path], tmp_path: Path) -> None:
    folder = family_folder("gte-small")
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "aisle.json").write_text('{"dim": 8}', "utf-8")
    short = prepare_encoder(EncoderSettings(model=str(tmp_path), precision="float32"))
    whole = prepare_encoder(EncoderSettings(model=str(folder), precision="float32")).encode(TEXTS)[:, :8]
    assert short.dim == 8
    np.testing.assert_allclose(short.encode(TEXTS), whole / np.linalg.norm(whole, axis=1, keepdims=True), atol=1e-5)


def test_the_last_real_token_counts() -> None:
    hidden = np.array([[[3, 4], [0, 2], [9, 9]], [[1, 0], [9, 9], [9, 9]], [[7, 7], [9, 9], [9, 9]]], np.float32)
    mask = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert pool(hidden, mask, "last").tolist() == [[0, 1], [1, 0], [0, 0]]


def test_a_model_larger_than_one_file_is_quantised_weight_by_weight(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path))
    settings = EncoderSettings(model=str(family_folder("Qwen3-Embedding-0.6B")))
    usual = prepare_encoder(settings).encode(TEXTS)
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "large"))
    monkeypatch.setattr("aisle.encoders.export.LARGEST", 1_000)
    large = prepare_encoder(settings)
    assert (large.encode(TEXTS) * usual).sum(axis=1).min() > 0.99
    assert sorted(path.name for path in large.folder.iterdir()) == [
        "encoder.json", "model.onnx", "sha256.json", "tokenizer.json",
    ]  # fmt: skip


def test_a_model_larger_than_one_file_is_refused_in_float32(
    family_folder: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path))
    monkeypatch.setattr("aisle.encoders.export.LARGEST", 1_000)
    with pytest.raises(InputError, match=r'one ONNX file holds 0 GB; set encoder\.precision = "int8"'):
        prepare_encoder(EncoderSettings(model=str(family_folder("gte-small")), precision="float32"))
