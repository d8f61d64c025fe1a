import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from aisle.encoders import Encoder, StaticEncoder, TextEncoder, open_encoder, prepare_encoder
from aisle.encoders.static import FILES, summed
from aisle.errors import ReleaseError
from aisle.settings import EncoderSettings
from aisle.testing.encoders import EncoderConformance

WORDS = "[UNK] usb c cable desk lamp a warm winter jacket coffee mug blue text garden hose".split()  # noqa: SIM905
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static") / "table"
    folder.mkdir()
    pieces = dict.fromkeys([*WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)])
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.random.default_rng(0).normal(size=(len(pieces), 16)).astype(np.float16)
    table[0] = 0
    np.save(folder / "vectors.npy", table)
    info = {"kind": "static", "model": "tiny", "dim": 16, "max_tokens": 64}
    (folder / "encoder.json").write_text(json.dumps(info), "utf-8")
    return folder


class TestStatic(EncoderConformance):
    @pytest.fixture(scope="class")
    def encoder(self, static_folder: Path) -> Encoder:
        return StaticEncoder(static_folder)


def test_a_vector_is_the_sum_of_its_tokens(static_folder: Path) -> None:
    table = np.load(static_folder / "vectors.npy").astype(np.float32)
    encoder = StaticEncoder(static_folder)
    expected = table[WORDS.index("desk")] + table[WORDS.index("lamp")]
    (found,) = encoder.encode(["Desk lamp"])
    np.testing.assert_allclose(found, np.asarray(expected / np.linalg.norm(expected)), rtol=1e-5)
    assert not encoder.encode(["", "无"]).any()


def test_sums_by_hand() -> None:
    table = np.array([[3, 0], [0, 4]], np.float32)
    expected = np.array([[0.6, 0.8], [0, 1], [0, 0], [1, 0]])
    np.testing.assert_allclose(summed(table, [[0, 1], [1, 1], [], [0]]), expected, rtol=1e-6)
    np.testing.assert_allclose(summed(table, [[0, 1]]), expected[:1], rtol=1e-6)
    assert summed(table, [[]]).tolist() == [[0, 0]]


def test_texts_are_cut_to_max_tokens(static_folder: Path) -> None:
    assert [len(ids) for ids in StaticEncoder(static_folder).tokenize(["lamp " * 100])] == [64]


def test_a_ready_folder_is_an_encoder_of_a_shop(static_folder: Path, tmp_path: Path) -> None:
    encoder = prepare_encoder(EncoderSettings(model=str(static_folder)))
    assert isinstance(encoder, StaticEncoder)
    assert encoder.name == "tiny (static)"
    encoder.save(tmp_path / "release")
    again = open_encoder(tmp_path / "release", threads=1)
    np.testing.assert_array_equal(again.encode_items(["lamp"]), encoder.encode_items(["lamp"]))
    assert again.fingerprint == encoder.fingerprint


def test_a_network_is_loaded_as_one(bert_folder: Path, tmp_path: Path) -> None:
    prepare_encoder(EncoderSettings(model=str(bert_folder), precision="float32")).save(tmp_path)
    assert isinstance(open_encoder(tmp_path), TextEncoder)
    assert isinstance(prepare_encoder(EncoderSettings(model=str(tmp_path))), TextEncoder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_missing_or_damaged_file_is_a_release_error(
    static_folder: Path, tmp_path: Path, name: str, content: Any
) -> None:
    StaticEncoder(static_folder).save(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReleaseError, match="does not hold a usable encoder"):
        StaticEncoder(tmp_path)
