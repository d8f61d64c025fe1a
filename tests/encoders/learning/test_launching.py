"""Processes end together: with an answer, with an error that says what happened, within seconds."""

import importlib
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from aisle.encoders.learning.launching import run
from aisle.errors import InputError, ProcessError


@pytest.fixture(scope="module")
def work() -> Any:
    """The module of what processes do, importable in new ones too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        patch.setenv("OMP_NUM_THREADS", "1")
        yield importlib.import_module("work_of_line")


@pytest.mark.parametrize("shard", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_kill_ends_all_and_the_run_goes_on_exactly(shard: bool, work: Any, tmp_path: Path) -> None:
    told: list[tuple[float, int]] = []
    part, whole = tmp_path / "part", tmp_path / "whole"

    def hear(number: int) -> None:
        told.append((time.monotonic(), number))

    with pytest.raises(ProcessError, match=r"process 1 was ended from outside \(SIGKILL\).*run the same command again"):
        run(work.struck, 2, signal.SIGKILL, part, shard, hear=hear)
    assert time.monotonic() - told[-1][0] < 5
    assert [number for _, number in told] == [1, 2, 3, 4]
    resumed, expected = run(work.again, 2, part, whole, shard, hear=hear)
    assert [number for _, number in told] == [1, 2, 3, 4, 4, 5, 6, 7]  # from the checkpoint of step 3
    assert resumed == expected


@pytest.mark.slow
def test_other_processes_go_on_from_a_checkpoint_too(work: Any, tmp_path: Path) -> None:
    with pytest.raises(ProcessError):
        run(work.struck, 2, signal.SIGKILL, tmp_path / "parts", True)
    shutil.copytree(tmp_path / "parts", tmp_path / "whole")
    alone = work.losses(tmp_path / "whole", False, lambda *_: None)  # of weights in parts, by one process
    with pytest.raises(ProcessError):
        run(work.struck, 2, signal.SIGKILL, tmp_path / "both", False)
    told: list[int] = []
    parted = run(work.losses, 2, tmp_path / "both", True, hear=told.append)  # and the other way round
    assert told == [4, 5, 6, 7]
    assert len(alone) == len(parted) == 7
    assert parted[:3] == pytest.approx(alone[:3], abs=1e-6)  # up to there the same


@pytest.mark.slow
def test_a_process_that_does_not_answer_is_not_waited_for_longer_than_said(work: Any, tmp_path: Path) -> None:
    told: list[float] = []
    with pytest.raises(ProcessError, match="process 0 of 2 failed, and the others were ended"):
        run(work.struck, 2, signal.SIGSTOP, tmp_path, False, hear=lambda _: told.append(time.monotonic()), timeout_s=20)
    assert 10 < time.monotonic() - told[-1] < 40


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["first", "second"])
def test_an_error_in_one_ends_all_with_that_error(kind: str, work: Any) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="one of us minds"):
        run(work.refused, 2, kind)
    assert time.monotonic() - began < 50


@pytest.mark.slow
def test_a_fault_in_one_ends_all(work: Any) -> None:
    with pytest.raises(ProcessError, match="process 1 of 2 failed, and the others were ended: KeyError: 'surprise'"):
        run(work.refused, 2, "fault")


def test_one_process_works_in_place() -> None:
    assert run(lambda value, tell: (value, tell("x")), 1, 3) == (3, None)
    with pytest.raises(InputError, match="processes=0; expected at least 1"):
        run(print, 0)
