import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aisle.errors import InputError
from aisle.serving import serve
from aisle.shop import Shop

_SERVE = """
import sys, aisle
from aisle.serving import serve
shop = aisle.open(sys.argv[1])
serve(shop, port=0, workers=2, ready=lambda address: print(address, flush=True))
shop.close()
print("closed")
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")


@pytest.fixture
def server(shop_with: Callable[..., Shop]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Two workers of a shop without a release, which takes events; and the port."""
    folder = shop_with(built=False).folder
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield process, int(process.stdout.readline().rpartition(":")[2])
    process.kill()
    process.wait()
    process.stdout.close()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < until:
        time.sleep(0.05)
    return done


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8")
    finally:
        connection.close()


def n_answers(port: int, route: str) -> float:
    families = text_string_to_metric_families(ask(port, "GET", "/metrics")[1])
    samples = (sample for family in families for sample in family.samples)
    counted = [one for one in samples if one.name == "aisle_http_requests_total" and one.labels["route"] == route]
    return sum(float(one.value) for one in counted)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_workers_count_together_are_replaced_and_all_stop_on_sigterm(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = server
    first, second = workers_of(process)
    for number in range(20):
        event = {"event_id": f"w{number}", "kind": "view", "item_id": "e1", "user_id": "u"}
        assert ask(port, "POST", "/v1/events", json.dumps(event))[0] == 202
    assert [n_answers(port, "/v1/events") for _ in range(6)] == [20] * 6

    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: len(workers_of(process)) == 2 and first not in workers_of(process))
    workers = workers_of(process)
    assert second in workers
    assert ask(port, "GET", "/healthz")[0] == 200

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stdout is not None
    assert "closed" in process.stdout.read()
    assert all(gone(pid) for pid in workers)


def test_workers_stop_when_their_parent_is_killed(server: tuple[subprocess.Popen[str], int]) -> None:
    process, _ = server
    workers = workers_of(process)
    process.kill()
    process.wait()
    assert eventually(lambda: all(gone(pid) for pid in workers))


def test_workers_that_cannot_open_the_shop_end_the_server(shop: Shop) -> None:
    (shop.folder / "aisle.toml").write_text("nonsense = 1\n", "utf-8")
    process = subprocess.run(
        [sys.executable, "-c", _SERVE.replace("shop = aisle.open(sys.argv[1])", _BROKEN), str(shop.folder)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert "a worker ended with status 1 before it answered" in process.stderr
    assert 'unknown key "nonsense"' in process.stderr


_BROKEN = """
from pathlib import Path
path = Path(sys.argv[1]) / "aisle.toml"
wrong = path.read_text("utf-8")
path.write_text("", "utf-8")
shop = aisle.open(sys.argv[1])
path.write_text(wrong, "utf-8")
"""


def test_a_server_has_at_least_one_worker(shop: Shop) -> None:
    with pytest.raises(InputError, match="workers=0; expected 1 or more"):
        serve(shop, "127.0.0.1", 0, workers=0)
