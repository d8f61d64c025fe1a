"""Compressing: every variant of a tiny model on the toy shop, and what becomes of one that is kept."""

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

import aisle
from aisle.encoders import StaticEncoder, open_encoder, prepare_encoder
from aisle.encoders.compression import quantise
from aisle.errors import InputError, MissingExtraError
from aisle.pipelines import compress as compressing
from aisle.pipelines.compressed import METHODS, CompressPlan, CompressReport, Variant, recommend_variant
from aisle.pipelines.own_models import origin
from aisle.settings import load_settings, use_setting
from aisle.shop import Shop
from aisle.types import Event

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    vocabulary = {word: number for number, word in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=128, initializer_range=0.3,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compressing, "N_TIMED", 12)
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "exports"))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_method_is_measured_and_one_is_kept(new_shop: Callable[[], Shop], model: Path) -> None:
    shop = new_shop()
    heard: list[str] = []
    plan = CompressPlan(model=str(model), minutes=0.1, keep="distil", name="small")
    report = shop.compress(plan, lambda stage, done, total: heard.append(stage))
    assert [one.method for one in report.variants] == ["float32", *METHODS]
    assert report.measure == "nDCG@10"
    assert report.left_out == {}
    whole, bits, half = (report.variant(method) for method in ("float32", "binary", "truncate"))
    assert (whole.share, whole.overlap) == (1, 1)
    assert len(whole.per_query) == report.n_queries
    assert half.vectors_mb == whole.vectors_mb / 2
    assert bits.vectors_mb < whole.vectors_mb / 15
    assert all(0 <= one.quality <= 1 and one.p50_ms > 0 and one.texts_per_s > 0 for one in report.variants)
    assert report.variant("int8").model_mb < whole.model_mb
    assert {"compress", "learn (distil)", "learn (static)"} <= set(heard)
    written = json.loads((shop.folder / "compress" / "report.json").read_text("utf-8"))
    assert written["recommended"] == report.recommended
    assert (shop.folder / "compress" / "report.png").stat().st_size > 10_000
    kept = json.loads((shop.folder / "models" / "small" / "aisle.json").read_text("utf-8"))
    assert (kept["method"], kept["measure"], kept["pooling"]) == ("distil", "nDCG@10", "mean")
    assert (shop.folder / "models" / "small" / "model.safetensors").exists()
    use_setting(shop.folder, "encoder.model", "models/small")
    with_small = aisle.open(shop.folder)
    manifest = with_small.build()
    assert manifest.encoder == f"{model} (int8)"
    assert with_small.search("lamp").hits
    with_small.close()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_without_judgments_quality_is_agreement(tmp_path: Path, model: Path, new_shop: Callable[[], Shop]) -> None:
    full = new_shop()
    aisle.init(tmp_path / "plain").close()
    shop = aisle.open(tmp_path / "plain")
    shop.store.upsert_items(list(full.store.items()))
    report = shop.compress(CompressPlan(["static"], model=str(model), minutes=0, keep="static"))
    assert report.measure == "agreement@10"
    assert report.variant("float32").quality == 1
    assert 0 < report.variant("static").quality <= 1
    kept = prepare_encoder(load_settings(shop.folder / "aisle.toml").encoder.model_copy(update={"model": report.kept}))
    assert isinstance(kept, StaticEncoder)
    shop.close()


def test_a_method_that_does_not_fit_is_named_and_the_others_go_on(
    new_shop: Callable[[], Shop], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise InputError("not for this architecture")

    monkeypatch.setattr(compressing, "drop_layers", refuse)
    shop = new_shop()
    report = shop.compress(CompressPlan(["int8", "drop-layers"], model=str(model), minutes=0))
    assert report.left_out == {"drop-layers": "not for this architecture"}
    with pytest.raises(InputError, match="'drop-layers' was not made: not for this architecture"):
        report.variant("drop-layers")
    with pytest.raises(InputError, match="not for this architecture"):
        shop.compress(CompressPlan(["drop-layers"], model=str(model), minutes=0))


def test_speed_is_that_of_the_cores_that_serve(
    new_shop: Callable[[], Shop], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def noted(folder: Path, threads: int = 0) -> Any:
        opened.append(threads)
        return open_encoder(folder, threads)

    monkeypatch.setattr(compressing, "open_encoder", noted)
    folder = new_shop().folder
    use_setting(folder, "encoder.threads", 2)
    aisle.open(folder).compress(CompressPlan(["int8"], model=str(model), minutes=0))
    assert opened == [1, 2, 1]  # a query of the whole model, texts of int8, a query of int8


@pytest.mark.parametrize("method", ["static-int8", "int4"])
def test_the_fastest_batch_is_measured_on_the_model_that_is_served(
    new_shop: Callable[[], Shop], model: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    sizes: list[int] = []

    def measured(folder: Path) -> int:
        sizes.append((folder / "model.onnx").stat().st_size)
        return len(sizes)

    monkeypatch.setattr(quantise, "fastest_batch", measured)
    report = new_shop().compress(CompressPlan([method], model=str(model), minutes=0, keep=method))
    kept = Path(report.kept)
    assert sizes == [(kept / "model.onnx").stat().st_size]
    assert json.loads((kept / "encoder.json").read_text("utf-8"))["batch"] == 1


def test_a_full_disk_leaves_the_model_that_was_there(
    new_shop: Callable[[], Shop], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = new_shop()
    old = shop.folder / "models" / "int8"
    old.mkdir(parents=True)
    (old / "encoder.json").write_text("old", "utf-8")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(InputError, match=r"cannot write .*No space left on device; what was there is kept"):
        shop.compress(CompressPlan(["int8"], model=str(model), minutes=0, keep="int8"))
    assert (old / "encoder.json").read_text("utf-8") == "old"
    assert [path.name for path in old.parent.iterdir()] == ["int8"]
    assert json.loads((shop.folder / "compress" / "report.json").read_text("utf-8"))["kept"] == ""


def test_without_matplotlib_nothing_is_begun(
    new_shop: Callable[[], Shop], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r'The plot of aisle compress needs .* pip install "aisle\[learn\]"'):
        new_shop().compress(CompressPlan(["int8"], model=str(model)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": ["statik"]}, r"method 'statik' does not exist; did you mean \"static\""),
        ({"methods": []}, "expected at least one method"),
        ({"minutes": -1.0}, "minutes=-1"),
        ({"name": "."}, "name='.'; expected letters"),
        ({"name": "/tmp/models"}, "it names a folder"),
        ({"keep": "binary"}, "binary is a way to keep vectors, not a model"),
        ({"methods": ["int8"], "keep": "static"}, "keep='static' is none of the methods int8"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        CompressPlan(**changes)


def test_a_student_never_learns_from_a_judged_query(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    judged = sorted(set(shop.store.judgments_frame()["query"]))
    start = datetime(2026, 3, 11, tzinfo=UTC)
    searched = [*judged, "never judged"]
    shop.log([Event(f"s{at}", "search", start, session_id="s", query=text) for at, text in enumerate(searched)])
    trial, asked = compressing.make_trial(shop.store, CompressPlan(max_queries=1))
    assert len(trial.queries) == 1
    assert "never judged" in asked
    assert not set(asked) & set(judged)
    shop.close()


def test_a_model_that_is_kept_tells_the_command_and_what_it_was_made_from(
    new_shop: Callable[[], Shop], model: Path
) -> None:
    shop = new_shop()
    own = shop.folder / "models" / "own"
    shutil.copytree(model, own)
    (own / "aisle.json").write_text(json.dumps({"origin": "all-MiniLM-L6-v2"}), "utf-8")
    plan = CompressPlan(["int8"], model="models/own", minutes=0, keep="int8", name="small")
    told = json.loads((Path(shop.compress(plan).kept) / "aisle.json").read_text("utf-8"))
    assert told["origin"] == origin("models/small", shop.folder) == "all-MiniLM-L6-v2"
    assert told["command"] == (
        "aisle compress --methods int8 --from models/own --keep int8 --name small --minutes 0 --queries 300"
    )
    shop.close()


def test_the_fastest_that_is_good_enough_is_recommended() -> None:
    whole = Variant("float32", 0.5, (0.4, 0.6), 1.0, 1.0, 1.0, 90, 10, 3.0, 300)
    int8 = replace(whole, method="int8", share=0.995, p50_ms=1.0, model_mb=22.5)
    table = replace(whole, method="static", share=0.9, p50_ms=0.1)
    bits = replace(whole, method="binary", share=1.0, p50_ms=0.5)
    assert recommend_variant([whole, int8, table, bits]) == (
        "int8",
        "the fastest that keeps at least 99% of the quality: 99.5% of it, 3.0 times as fast, 4.0 times as small",
    )
    assert recommend_variant([whole, table])[0] == "float32"
    report = CompressReport("m", "nDCG@10", 1, 1, [whole], "float32", "")
    with pytest.raises(InputError, match="'int4' was not made: it is none of the methods asked for"):
        report.variant("int4")


def test_nearest_are_sorted() -> None:
    items = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    assert compressing._nearest(np.array([[1, 0], [0, 1]], np.float32), items, 3).tolist() == [[0, 2, 1], [1, 2, 0]]
