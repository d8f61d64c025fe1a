"""A shop's own model: its texts, its folder, and its way back into a search."""

import errno
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from aisle.cluster.folders import Files
from aisle.cluster.place import Here
from aisle.encoders.pretraining.plan import Pretraining
from aisle.errors import InputError
from aisle.pipelines import ignore_progress, pretrain
from aisle.shop import Shop

PLAN = Pretraining(max_tokens=32, batch_tokens=256, vocabulary=400, steps=2, held_out=0.3)


def test_a_shop_is_pre_trained_from_scratch_and_further(new_shop: Callable[[], Shop], tmp_path: Path) -> None:
    shop = new_shop()
    (tmp_path / "reviews.txt").write_text("a good lamp\na bad cable\nthe mug broke\n", "utf-8")
    result = shop.pretrain(PLAN, name="own", texts=[str(tmp_path / "reviews.txt")])
    assert result.folder == shop.folder / "models" / "own"
    assert (result.folder / "model.safetensors").exists()
    alone = shop.pretrain(PLAN)
    assert alone.folder == shop.folder / "models" / "pretrained-masked"
    assert alone.n_texts < result.n_texts
    further = Pretraining(source="models/own", max_tokens=32, batch_tokens=256, steps=1, held_out=0.3)
    assert shop.pretrain(further, name="further").n_parameters == result.n_parameters


def test_names_are_names_and_models_exist(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    with pytest.raises(InputError, match=r"name='../own'; expected letters"):
        shop.pretrain(PLAN, name="../own")
    shop.store.delete_items(shop.store.item_ids())
    with pytest.raises(InputError, match=r"different texts, .* held out"):
        shop.pretrain(Pretraining(held_out=1e-9))


def test_a_full_disk_keeps_the_model_that_another_machine_was_to_replace(
    new_shop: Callable[[], Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, place = new_shop(), Here()  # not HERE: files come back as from another machine
    first = pretrain(shop.store, shop.folder, PLAN, ignore_progress, name="own", place=place)
    before = (first.folder / "model.safetensors").read_bytes()

    def full(files: Files, folder: Path) -> None:
        if "models" in folder.parts:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(import_module("aisle.pipelines.pretrain"), "write_folder", full)
    again = replace(PLAN, steps=1)
    with pytest.raises(InputError, match=r"own: .*No space left on device; what was there is kept"):
        pretrain(shop.store, shop.folder, again, ignore_progress, name="own", fresh=True, place=place)
    assert (first.folder / "model.safetensors").read_bytes() == before
    assert [path.name for path in first.folder.parent.iterdir()] == ["own"]
