"""Tokenizers learned from a few texts, and read back by transformers."""

from pathlib import Path

import transformers

from aisle.encoders.pretraining.tokenizer import train_tokenizer

TEXTS = ["a red lamp for the desk", "the red lamp", "无线耳机 red", "蓝牙耳机"] * 20


def test_word_pieces_are_lower_case_words_and_single_chinese_characters(tmp_path: Path) -> None:
    train_tokenizer(TEXTS, "masked", 400, 64).save_pretrained(tmp_path)
    made = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert made.is_fast
    assert made.model_max_length == 64
    tokens = made.convert_ids_to_tokens(made("The RED lamp, 无线")["input_ids"])
    assert tokens == ["[CLS]", "the", "red", "lamp", "[UNK]", "无", "线", "[SEP]"]
    pair = made("red", "lamp")
    assert pair["token_type_ids"] == [0, 0, 0, 1, 1]
    assert [made.pad_token, made.mask_token] == ["[PAD]", "[MASK]"]
    assert made.decode(made("the red lamp")["input_ids"], skip_special_tokens=True) == "the red lamp"


def test_byte_pairs_read_anything_and_give_it_back(tmp_path: Path) -> None:
    train_tokenizer(TEXTS, "causal", 400, 64).save_pretrained(tmp_path)
    made = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for text in ("a red lamp", "Ω never seen 🙂 蓝牙"):
        assert made.decode(made(text)["input_ids"]) == text
    assert made.eos_token_id == made.bos_token_id == made.pad_token_id


def test_the_vocabulary_is_no_larger_than_asked() -> None:
    texts = [f"word{number} {chr(0x4E00 + number)}" for number in range(2_000)] * 2
    assert len(train_tokenizer(texts, "masked", 500, 64)) <= 500
    assert len(train_tokenizer(texts, "causal", 500, 64)) <= 500
    letters = "".join(chr(code) for start in (0x61, 0x3B1, 0x430, 0x561) for code in range(start, start + 24))
    letters += "".join(chr(code) for code in range(0x10D0, 0x10F0)) + "".join(chr(code) for code in range(0x5D0, 0x5EA))
    assert len(train_tokenizer([letters, letters[::-1]] * 2, "masked", 200, 64)) <= 200  # all stand inside words too


def test_the_same_texts_give_the_same_vocabulary() -> None:
    again = [train_tokenizer(TEXTS, "masked", 400, 64).get_vocab() for _ in range(4)]
    assert all(one == again[0] for one in again)
