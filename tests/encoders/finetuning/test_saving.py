import json
from pathlib import Path
from typing import Any

import pytest

from aisle.encoders.finetuning.loading import load_encoder
from aisle.encoders.finetuning.saving import save_model
from aisle.encoders.learning.embedder import ids_of
from aisle.errors import InputError


def test_a_model_is_saved_whole_and_takes_the_place_of_the_one_before(bert_folder: Path, tmp_path: Path) -> None:
    model, tokenizer = load_encoder(bert_folder)
    long = "desk lamp usb c cable coffee mug blue hose"
    ids_of(tokenizer, [long], 4)  # leaves truncation set, which must not be saved
    folder = tmp_path / "models" / "tuned"
    for number in (1, 2):
        save_model(folder, model, tokenizer, {"number": number, "name": "灯"})
        names = {path.name for path in folder.iterdir()}
        assert {"config.json", "model.safetensors", "tokenizer.json", "aisle.json"} <= names
        assert json.loads((folder / "aisle.json").read_text("utf-8")) == {"number": number, "name": "灯"}
    assert [path.name for path in folder.parent.iterdir()] == ["tuned"]
    assert len(load_encoder(folder)[1](long)["input_ids"]) == 11


def test_a_full_disk_is_an_input_error_and_the_model_before_is_kept(
    bert_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, tokenizer = load_encoder(bert_folder)
    save_model(tmp_path / "tuned", model, tokenizer, {"number": 1})

    def full(folder: Path, **_: Any) -> None:
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_pretrained", full)
    with pytest.raises(InputError, match="No space left on device; what was there is kept"):
        save_model(tmp_path / "tuned", model, tokenizer, {"number": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["tuned"]
    assert json.loads((tmp_path / "tuned" / "aisle.json").read_text("utf-8")) == {"number": 1}
