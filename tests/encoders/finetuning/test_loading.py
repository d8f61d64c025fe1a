import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers
from safetensors.torch import load_file, save_file

from aisle.encoders import memory
from aisle.encoders.finetuning import loading
from aisle.encoders.finetuning.loading import load_classifier_network, load_encoder
from aisle.errors import InputError


def test_a_model_of_the_wrong_architecture_is_an_input_error(bert_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bert_folder, tmp_path / "t5")
    config = transformers.T5Config(d_model=8, d_ff=8, num_layers=1, num_heads=1, vocab_size=50)
    transformers.T5Model(config).save_pretrained(tmp_path / "t5")
    with pytest.raises(InputError, match="is a t5, which gives no vector for each token"):
        load_encoder(tmp_path / "t5")


def test_a_missing_tokenizer_is_an_input_error(bert_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(bert_folder, tmp_path / "model")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "model" / name).unlink()
    with pytest.raises(InputError, match="the model in"):
        load_encoder(tmp_path / "model")


def test_a_model_larger_than_memory_is_an_input_error(bert_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (bert_folder / "model.safetensors").stat().st_size
    monkeypatch.setattr(memory, "free_memory", lambda: 2 * size)
    load_encoder(bert_folder, "lora")
    with pytest.raises(InputError, match=r"GB of memory, and .* GB are free"):
        load_encoder(bert_folder, "full")


def test_weights_in_half_precision_count_as_they_are_loaded(
    bert_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = load_encoder(bert_folder)
    model.bfloat16().save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    size = (tmp_path / "model.safetensors").stat().st_size
    monkeypatch.setattr(memory, "free_memory", lambda: 2 * size)
    with pytest.raises(InputError, match=r"GB of memory, and .* GB are free"):
        load_encoder(tmp_path)


def test_processes_that_hold_a_part_each_need_less(bert_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = (bert_folder / "model.safetensors").stat().st_size
    monkeypatch.setattr(loading, "n_processes", lambda: 4)
    monkeypatch.setattr(memory, "free_memory", lambda: 10 * size)
    load_encoder(bert_folder, "full", shard=True)
    with pytest.raises(InputError, match=r"GB of memory, and .* GB are free"):
        load_encoder(bert_folder, "full")


@pytest.mark.parametrize("load", [load_encoder, lambda folder: load_classifier_network(folder, 2)])
def test_weights_of_another_architecture_are_an_input_error(
    bert_folder: Path, tmp_path: Path, load: Callable[[Path], Any]
) -> None:
    shutil.copytree(bert_folder, tmp_path / "named")
    tensors = load_file(tmp_path / "named" / "model.safetensors")
    renamed = {name.replace("layer.1.", "block.1."): tensor for name, tensor in tensors.items()}
    save_file(renamed, tmp_path / "named" / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match=r"they lack .*layer\.1\."):
        load(tmp_path / "named")
    shutil.copytree(bert_folder, tmp_path / "sized")
    config = json.loads((bert_folder / "config.json").read_text("utf-8"))
    (tmp_path / "sized" / "config.json").write_text(json.dumps({**config, "intermediate_size": 48}), "utf-8")
    with pytest.raises(InputError, match=r"the weights in|cannot load the model in"):
        load(tmp_path / "sized")


def test_a_compressed_model_cannot_learn(tmp_path: Path) -> None:
    (tmp_path / "encoder.json").write_text("{}", "utf-8")
    with pytest.raises(InputError, match="is compressed and cannot learn; name the model that it was made from"):
        load_encoder(tmp_path)


def test_no_model_at_all_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot load the model in"):
        load_encoder(tmp_path)


def test_a_head_of_another_size_is_made_anew(bert_folder: Path, tmp_path: Path) -> None:
    model, tokenizer = load_classifier_network(bert_folder, 3)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again, _ = load_classifier_network(tmp_path, 5)
    assert again.config.num_labels == 5
    assert again.classifier.out_features == 5
