"""Checkpoints and folders are there as a whole or not at all."""

import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from aisle.encoders.learning.checkpoints import (
    FILE,
    load_checkpoint,
    new_folder,
    random_states,
    restore_random_states,
    save_checkpoint,
)
from aisle.errors import InputError


@contextmanager
def no_room(n_bytes: int) -> Iterator[None]:
    """The operating system refuses to write more than `n_bytes` into a file, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path) is None
    save_checkpoint(tmp_path / "new", {"weights": {"a": torch.arange(3.0)}, "random": random_states()})
    state = load_checkpoint(tmp_path / "new")
    assert state is not None
    assert torch.equal(state["weights"]["a"], torch.arange(3.0))
    drawn = torch.rand(3), np.random.rand(3), random.random()
    restore_random_states(state["random"])
    again = torch.rand(3), np.random.rand(3), random.random()
    assert torch.equal(drawn[0], again[0])
    assert (drawn[1] == again[1]).all()
    assert drawn[2] == again[2]


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"weights": torch.ones(3)})
    with no_room(50_000), pytest.raises(InputError, match="the one before it is kept: make room on the disk"):
        save_checkpoint(tmp_path, {"weights": torch.ones(100_000)})
    state = load_checkpoint(tmp_path)
    assert state is not None
    assert torch.equal(state["weights"], torch.ones(3))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_damaged_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match=r"cannot read the checkpoint .* to start over"):
        load_checkpoint(tmp_path)


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "models" / "shop"
    for text in ("old", "new"):
        with new_folder(target) as folder:
            (folder / "file").write_text(text)
            assert not target.exists() or text == "new"
    assert (target / "file").read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["shop"]


@pytest.mark.parametrize("error", [RuntimeError, OSError])
def test_a_folder_that_fails_leaves_the_old_one(error: type[Exception], tmp_path: Path) -> None:
    target = tmp_path / "shop"
    target.mkdir()
    (target / "file").write_text("old")
    with pytest.raises((RuntimeError, InputError)), new_folder(target) as folder:
        (folder / "file").write_text("new")
        raise error("no")
    assert (target / "file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
