import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+")


@contextmanager
def served(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address as it was printed."""
    call = [sys.executable, "-m", "aisle.cli", *map(str, arguments)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            said = []
            for line in process.stderr:
                said.append(line)
                if found := ADDRESS.search(line):
                    yield process, found.group()
                    return
            raise AssertionError(f"the server ended before it was ready: {''.join(said)}")
        finally:
            process.kill()


def test_the_address_is_printed_once_requests_are_answered(built_shop: Path) -> None:
    with served("serve", "--shop", built_shop, "--port", 0) as (process, address):
        with urlopen(f"{address}/readyz", timeout=10) as answer:
            assert answer.status == 200
        with urlopen(f"{address}/v1/items/e1", timeout=10) as answer:
            assert json.load(answer)["title"] == "USB-C cable 1 m"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert process.stdout
        assert process.stdout.read() == ""


def test_a_port_that_is_taken_is_a_failure(run_aisle: Callable[..., Any], built_shop: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = run_aisle("serve", "--shop", built_shop, "--port", port)
    assert (outcome.status, outcome.out) == (1, "")
    assert f"port {port} is taken" in outcome.err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_cannot_be_is_a_wrong_call(run_aisle: Callable[..., Any], built_shop: Path, port: str) -> None:
    assert run_aisle("serve", "--shop", built_shop, "--port", port).status == 2
