import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

from aisle.encoders import open_encoder
from aisle.encoders.compression.material import Material
from aisle.encoders.compression.vocabulary import cut_vocabulary, without_tokens
from aisle.errors import InputError


def test_vectors_of_the_shops_texts_stay_what_they_are(material: Material, tmp_path: Path) -> None:
    cut_vocabulary(material, tmp_path / "cut")
    before = transformers.AutoTokenizer.from_pretrained(material.source)
    after = transformers.AutoTokenizer.from_pretrained(tmp_path / "cut")
    assert "sparea" in before.get_vocab()
    assert "sparea" not in after.get_vocab()
    assert len(after) <= len(before) - 10
    text = "blue desk lamp"
    assert after.tokenize(text) == before.tokenize(text)
    assert after(text)["input_ids"] != before(text)["input_ids"]  # [SEP] stood after the spare words
    assert after.decode(after(text)["input_ids"]).startswith("[CLS]")
    encoder = open_encoder(tmp_path / "cut")
    assert (encoder.encode_items(material.texts) * material.vectors).sum(axis=1).min() > 0.98
    model = transformers.AutoModel.from_pretrained(tmp_path / "cut")
    assert model.config.vocab_size == len(after)
    assert encoder.encode_items(["something else altogether"]).any()


def told(tokenizer: Tokenizer) -> dict[str, Any]:
    return dict(json.loads(tokenizer.to_str()))


def test_a_bpe_token_keeps_what_it_is_merged_from() -> None:
    vocabulary = {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "bc": 5, "ca": 6}
    merges = [("a", "b"), ("ab", "c"), ("b", "c"), ("c", "a")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    rewritten, kept = without_tokens(told(tokenizer), {4})
    assert kept == [0, 1, 2, 3, 4]
    cut = Tokenizer.from_str(json.dumps(rewritten))
    assert cut.encode("abc").tokens == ["abc"]
    assert cut.encode("ca").tokens == ["c", "a"]


def test_a_unigram_vocabulary_is_cut() -> None:
    pieces = [("<unk>", 0.0), ("▁desk", -2.0), ("▁lamp", -2.5), ("▁spare", -3.0), ("▁", -4.0), ("d", -5.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    rewritten, kept = without_tokens(told(tokenizer), {0, 2})
    assert kept == [0, 2, 4, 5]
    cut = Tokenizer.from_str(json.dumps(rewritten))
    assert cut.encode("lamp").ids == [1]
    assert cut.get_vocab_size() == 4


def test_bytes_and_what_stands_for_the_unknown_stay() -> None:
    some_bytes = [f"<0x{number:02X}>" for number in range(256)]
    vocabulary = {piece: number for number, piece in enumerate(["<unk>", *some_bytes, "a", "b", "ab", "ba"])}
    model = models.BPE(vocabulary, [("a", "b"), ("b", "a")], unk_token="<unk>", byte_fallback=True)
    tokenizer = Tokenizer(model)
    rewritten, kept = without_tokens(told(tokenizer), {vocabulary["ab"]})
    cut = Tokenizer.from_str(json.dumps(rewritten))
    assert len(kept) == 1 + 256 + 3
    assert cut.encode("é").tokens == tokenizer.encode("é").tokens == ["<0xC3>", "<0xA9>"]
    assert cut.encode("ab").tokens == ["ab"]


def test_another_kind_of_vocabulary_is_refused() -> None:
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    with pytest.raises(
        InputError, match="a WordLevel tokenizer cannot be cut; expected one of WordPiece, Unigram, BPE"
    ):
        without_tokens(told(tokenizer), {0})


def test_marks_of_a_roberta_get_their_new_ids() -> None:
    post = {"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 2]}
    model = {"type": "WordPiece", "vocab": {"x1": 0, "lamp": 1, "<s>": 2, "</s>": 3}}
    rewritten, kept = without_tokens({"model": model, "post_processor": post}, {1, 2, 3})
    assert kept == [1, 2, 3]
    assert rewritten["post_processor"] == {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]}
    assert np.array_equal(sorted(rewritten["model"]["vocab"].values()), [0, 1, 2])
