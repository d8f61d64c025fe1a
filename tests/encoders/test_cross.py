"""Cross-encoders: a tiny BERT and a tiny XLM-RoBERTa with random weights, made here."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from aisle.encoders import CrossEncoder, TextEncoder, prepare_cross_encoder
from aisle.encoders.cross import one_score
from aisle.encoders.export import MIN_AGREEMENT
from aisle.encoders.export_cross import concordance
from aisle.errors import InputError, ReleaseError

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = "usb c cable desk lamp warm winter jacket coffee mug blue garden hose , . -"
TEXTS = ["desk lamp", "usb c cable 2 m", "a warm winter jacket, blue", "无线耳机", "coffee " * 20]
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def tokenizer(begin: str, end: str, unknown: str, padding: str, second: str) -> Tokenizer:
    pieces = [padding, unknown, begin, end, *WORDS.split(), *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(pieces))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", pair=second, special_tokens=[(mark, vocabulary[mark]) for mark in (begin, end)]
    )
    return made


def save(folder: Path, model: Any, made: Tokenizer, inputs: list[str], **marks: str) -> Path:
    model.save_pretrained(folder)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=made, model_input_names=inputs, **marks)
    fast.save_pretrained(folder)
    return folder


def bert(folder: Path, n_labels: int = 1, kind: str = "BertForSequenceClassification") -> Path:
    made = tokenizer("[CLS]", "[SEP]", "[UNK]", "[PAD]", "[CLS] $A [SEP] $B:1 [SEP]:1")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=made.get_vocab_size(),
        max_position_embeddings=64,
        initializer_range=0.5,
        num_labels=n_labels,
        **SIZES,
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    return save(folder, getattr(transformers, kind)(config), made, inputs, pad_token="[PAD]", unk_token="[UNK]")


def xlm_roberta(folder: Path) -> Path:
    made = tokenizer("<s>", "</s>", "<unk>", "<pad>", "<s> $A </s> </s> $B </s>")
    torch.manual_seed(0)
    config = transformers.XLMRobertaConfig(
        vocab_size=made.get_vocab_size(), max_position_embeddings=66, pad_token_id=0, bos_token_id=2, eos_token_id=3,
        type_vocab_size=1, initializer_range=0.5, num_labels=1, **SIZES,
    )  # fmt: skip
    model = transformers.XLMRobertaForSequenceClassification(config)
    return save(folder, model, made, ["input_ids", "attention_mask"], pad_token="<pad>", unk_token="<unk>")


def original_scores(folder: Path, query: str, texts: list[str]) -> list[float]:
    """What the original says of each pair, one by one."""
    fast = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    scores = []
    for text in texts:
        with torch.no_grad():
            logits = model(**fast(query, text, return_tensors="pt", truncation=True, max_length=60)).logits[0]
        yes = logits[0] if len(logits) == 1 else logits[1] - logits[0]
        scores.append(float(torch.sigmoid(yes)))
    return scores


@pytest.fixture(scope="module")
def bert_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bert(tmp_path_factory.mktemp("pairs") / "tiny-cross")


@pytest.mark.parametrize("make", [bert, xlm_roberta, lambda folder: bert(folder, n_labels=2)])
def test_scores_are_those_of_the_original(make: Any, tmp_path: Path) -> None:
    folder = make(tmp_path / "model")
    encoder = prepare_cross_encoder(str(folder), "float32", max_tokens=60)
    scores = encoder.score("blue desk lamp", TEXTS)
    assert scores.shape == (len(TEXTS),)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, original_scores(folder, "blue desk lamp", TEXTS), atol=1e-4)
    assert len(np.unique(scores)) == len(TEXTS)


def test_int8_scores_are_close_to_the_original(bert_pairs: Path) -> None:
    encoder = prepare_cross_encoder(str(bert_pairs), max_tokens=60)
    expected = original_scores(bert_pairs, "usb cable", TEXTS)
    assert encoder.name == f"{bert_pairs} (int8)"
    assert np.abs(encoder.score("usb cable", TEXTS) - expected).mean() < 0.1


def test_the_same_pair_scores_the_same_beside_others(bert_pairs: Path) -> None:
    encoder = prepare_cross_encoder(str(bert_pairs), "float32")
    alone = [float(encoder.score("mug", [text])[0]) for text in TEXTS]
    np.testing.assert_allclose(encoder.score("mug", TEXTS), alone, atol=1e-5)


def test_no_texts_no_scores(bert_pairs: Path) -> None:
    assert prepare_cross_encoder(str(bert_pairs), "float32").score("mug", []).tolist() == []


def test_long_queries_and_texts_are_cut_to_the_models_positions(bert_pairs: Path) -> None:
    encoder = prepare_cross_encoder(str(bert_pairs), "float32", max_tokens=512)
    feeds = encoder.feeds("lamp " * 100, ["mug " * 5_000])
    assert feeds["input_ids"].shape == (1, 64)
    assert np.isfinite(encoder.score("lamp " * 100, ["mug " * 5_000, ""])).all()


def test_a_saved_cross_encoder_stands_on_its_own(bert_pairs: Path, tmp_path: Path) -> None:
    encoder = prepare_cross_encoder(str(bert_pairs), "float32")
    encoder.save(tmp_path / "release")
    again = CrossEncoder(tmp_path / "release", threads=1)
    assert again.name == encoder.name
    np.testing.assert_allclose(again.score("mug", TEXTS), encoder.score("mug", TEXTS), atol=1e-6)


def test_it_is_exported_once(bert_pairs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare_cross_encoder(str(bert_pairs), "float32")
    monkeypatch.setattr("aisle.encoders.weights.export_cross_encoder", None)
    assert prepare_cross_encoder(str(bert_pairs), "float32").folder == first.folder


@pytest.mark.parametrize("damage", ["missing", "empty", "another kind"])
def test_a_damaged_folder_is_a_release_error(bert_pairs: Path, tmp_path: Path, damage: str) -> None:
    prepare_cross_encoder(str(bert_pairs), "float32").save(tmp_path)
    if damage == "missing":
        (tmp_path / "model.onnx").unlink()
    elif damage == "empty":
        (tmp_path / "tokenizer.json").write_bytes(b"")
    else:
        text = (tmp_path / "encoder.json").read_text("utf-8")
        (tmp_path / "encoder.json").write_text(text.replace("cross-encoder", "poet"), "utf-8")
    with pytest.raises(ReleaseError, match="does not hold a usable cross-encoder"):
        CrossEncoder(tmp_path)


def test_a_cross_encoder_is_no_text_encoder(bert_pairs: Path) -> None:
    folder = prepare_cross_encoder(str(bert_pairs), "float32").folder
    with pytest.raises(KeyError):
        TextEncoder(folder).encode_queries(["mug"])


def test_a_model_that_makes_vectors_is_refused(tmp_path: Path) -> None:
    folder = bert(tmp_path / "vectors", kind="BertModel")
    with pytest.raises(InputError, match="was not trained to score pairs of texts: it lacks classifier"):
        prepare_cross_encoder(str(folder))


def test_a_model_of_three_labels_is_refused(tmp_path: Path) -> None:
    folder = bert(tmp_path / "entailment", n_labels=3)
    with pytest.raises(InputError, match="tells 3 labels apart; expected one score a pair"):
        prepare_cross_encoder(str(folder))


def test_a_model_that_rounding_spoils_is_refused(
    bert_pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path))
    monkeypatch.setitem(MIN_AGREEMENT, "int8", 1.1)
    with pytest.raises(InputError, match=r'only by a concordance of .* set the precision to "float32"'):
        prepare_cross_encoder(str(bert_pairs))
    assert list(tmp_path.iterdir()) == []


def test_two_labels_are_no_and_yes() -> None:
    assert one_score(np.array([[1, 3], [2, 0]], np.float32)).tolist() == [2, -2]
    assert one_score(np.array([[5], [6]], np.float32)).tolist() == [5, 6]


def test_concordance_sees_shifts_and_scales() -> None:
    values = np.array([1.0, 2.0, 3.0])
    assert concordance(values, values) == 1
    assert concordance(values, -values + 4) == pytest.approx(-1)
    assert concordance(values, values * 2) < 0.7
    assert concordance(np.ones(3), np.ones(3)) == 1
