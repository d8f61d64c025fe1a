import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aisle.encoders import TextClassifier, load_classifier
from aisle.encoders.finetuning.loading import load_classifier_network
from aisle.encoders.finetuning.saving import save_model
from aisle.errors import InputError, ReleaseError

TEXTS = ["desk lamp", "a warm winter jacket with a hood", "", "mug"]
TOLD = {"temperature": 2.0, "least_energy": None, "mean": 10.0, "deviation": 2.0, "item_prefix": "", "max_tokens": 16}


def classifier(model: Path, folder: Path, classes: list[str], **changes: Any) -> Path:
    torch.manual_seed(0)
    network, tokenizer = load_classifier_network(model, max(1, len(classes)))
    save_model(folder, network, tokenizer, {"kind": "classifier", "classes": classes, **TOLD, **changes})
    return folder


def expected(folder: Path) -> Any:
    model, tokenizer = load_classifier_network(
        folder, len(json.loads((folder / "aisle.json").read_text())["classes"]) or 1
    )
    with torch.no_grad():
        return np.concatenate(
            [
                model.eval()(**tokenizer(text, return_tensors="pt", truncation=True, max_length=16)).logits.numpy()
                for text in TEXTS
            ]
        )


def test_classes_are_what_the_original_says_divided_by_its_temperature(tiny_model: Path, tmp_path: Path) -> None:
    folder = classifier(tiny_model, tmp_path / "kinds", ["a", "b", "c"])
    loaded = load_classifier(folder, precision="float32")
    logits = expected(folder)
    np.testing.assert_allclose(loaded.logits(TEXTS), logits, atol=1e-4)
    shares = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(loaded.probabilities(TEXTS), shares, atol=1e-4)
    found = loaded.predict(TEXTS)
    assert [label.name for label in found] == ["abc"[place] for place in logits.argmax(axis=1)]
    assert found[0].probability == pytest.approx(shares[0].max(), abs=1e-4)
    assert loaded.predict([]) == []


def test_a_text_of_too_low_an_energy_is_out_of_scope(tiny_model: Path, tmp_path: Path) -> None:
    folder = classifier(tiny_model, tmp_path / "kinds", ["a", "b", "c"], least_energy=1e3)
    assert {label.name for label in load_classifier(folder).predict(TEXTS)} == {""}


def test_numbers_are_in_their_own_scale(tiny_model: Path, tmp_path: Path) -> None:
    folder = classifier(tiny_model, tmp_path / "numbers", [])
    loaded = load_classifier(folder, precision="float32")
    np.testing.assert_allclose(loaded.values(TEXTS), expected(folder)[:, 0] * 2 + 10, atol=1e-3)
    with pytest.raises(InputError, match=r"ask for values\(texts\)"):
        loaded.predict(TEXTS)
    kinds = classifier(tiny_model, tmp_path / "kinds", ["a", "b"])
    with pytest.raises(InputError, match=r"ask for predict\(texts\)"):
        load_classifier(kinds).values(TEXTS)


def test_another_folder_is_an_input_error_and_a_damaged_export_a_release_error(
    tiny_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="holds no classifier of Aisle"):
        load_classifier(tiny_model)
    old = classifier(tiny_model, tmp_path / "old", ["a", "b"])
    told = json.loads((old / "aisle.json").read_text("utf-8"))
    del told["least_energy"]
    (old / "aisle.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(InputError, match="lacks least_energy: another version of Aisle made the classifier"):
        load_classifier(old)
    with pytest.raises(ReleaseError, match="does not hold a usable classifier"):
        TextClassifier(tmp_path)


def test_a_classifier_answers_without_torch(tiny_model: Path, tmp_path: Path, cache: Path) -> None:
    folder = classifier(tiny_model, tmp_path / "kinds", ["a", "b"])
    load_classifier(folder)
    code = (
        "import sys; from aisle.encoders import load_classifier; "
        f"assert load_classifier({str(folder)!r}).predict(['lamp'])[0].name in 'ab'; "
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"AISLE_CACHE": str(cache)})
