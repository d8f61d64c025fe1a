from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = [("build",), ("tune",), ("evaluate", "recommend"), ("pretrain",), ("finetune",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_batch_commands_name_a_cluster_and_say_when_nobody_answers(
    run_aisle: Callable[..., Any], built_shop: Path, command: tuple[str, ...]
) -> None:
    outcome = run_aisle(*command, "--shop", built_shop, "--cluster", "127.0.0.1:9")
    assert outcome.status == 1
    assert "Error: the Ray cluster at 127.0.0.1:9 does not answer; check its address" in outcome.err
    assert "--cluster" in run_aisle(*command, "--help").out
