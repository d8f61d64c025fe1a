"""Events accepted per second over HTTP: a real server on an empty shop with SQLite, and clients on the same machine.

    python benchmarks/events.py [--clients 4] [--events 20000] [--seed 7] [--publish]

Every event counted here was acknowledged (status 202), which the service does once it is on the disk.
"""

import argparse
import http.client
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from uuid import UUID

from report import environment, publish, table

import aisle

BATCHES = (1, 10, 100)
KINDS = ("impression", "view", "click", "cart", "purchase")
SERVE = (
    "import sys, aisle; from aisle.serving import serve; "
    "serve(aisle.open(sys.argv[1]), port=0, ready=lambda address: print(address, flush=True))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=4, help="connections that send at the same time")
    parser.add_argument("--events", type=int, default=20_000, help="events of each row; a tenth where a batch is one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--publish", action="store_true", help="write the table to docs/benchmarks.md")
    asked = parser.parse_args()
    rows = []
    for size in BATCHES:
        n_events = asked.events if size > 1 else asked.events // 10
        bodies = [batch(random.Random(f"{asked.seed} {size} {n}"), size) for n in range(n_events // size)]
        rows.append(row(size, *measure(bodies, asked.clients)))
    where = f"{environment()}, SQLite {sqlite3.sqlite_version}, uvicorn {version('uvicorn')}"
    sample = f"{asked.events:,} events a row (one a request: a tenth)"
    how = f"{asked.clients} clients on the same machine; {sample}; seed {asked.seed}."
    header = ("events a request", "events/s", "requests/s", "request p50 ms", "request p99 ms")
    text = f"{where}. {how}\n\n{table(header, rows)}"
    print(text)
    if asked.publish:
        publish("events", text)


def measure(bodies: list[bytes], n_clients: int) -> tuple[float, list[float]]:
    """Send the bodies to a fresh server; returns the seconds for all of them and those of each request."""
    with tempfile.TemporaryDirectory() as folder:
        aisle.init(Path(folder) / "shop", name="Benchmark").close()
        server = subprocess.Popen([sys.executable, "-c", SERVE, f"{folder}/shop"], stdout=subprocess.PIPE, text=True)
        try:
            port = port_of(server)
            send(port, bodies[:3])
            started = time.perf_counter()
            with ThreadPoolExecutor(n_clients) as clients:
                parts = list(clients.map(lambda n: send(port, bodies[n::n_clients]), range(n_clients)))
            return time.perf_counter() - started, [seconds for part in parts for seconds in part]
        finally:
            server.terminate()
            server.wait()


def send(port: int, bodies: list[bytes]) -> list[float]:
    """Post the bodies one after the other on one connection; returns the seconds that each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    seconds = []
    for body in bodies:
        started = time.perf_counter()
        connection.request("POST", "/v1/events", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        seconds.append(time.perf_counter() - started)
        if answer.status != 202:
            raise SystemExit(f"status {answer.status}: {content[:500]!r}")
    connection.close()
    return seconds


def batch(rng: random.Random, size: int) -> bytes:
    """`size` events as the storefront sends them."""
    return json.dumps({"events": [event(rng) for _ in range(size)]}).encode()


def event(rng: random.Random) -> dict[str, object]:
    user = rng.randrange(2_000)
    return {
        "event_id": str(UUID(int=rng.getrandbits(128), version=4)),
        "kind": rng.choice(KINDS),
        "timestamp": f"2026-03-{rng.randrange(1, 29):02d}T12:{rng.randrange(60):02d}:{rng.randrange(60):02d}Z",
        "user_id": f"user-{user}",
        "session_id": f"user-{user}-{rng.randrange(20)}",
        "item_id": f"item-{rng.randrange(3_000)}",
        "query": "usb c cable",
        "query_id": f"{rng.getrandbits(128):032x}",
        "rank": rng.randrange(1, 21),
        "surface": "search",
    }


def row(size: int, total_s: float, request_s: list[float]) -> tuple[str, ...]:
    rate, p99 = len(request_s) / total_s, quantiles(request_s, n=100)[98]
    return str(size), f"{size * rate:,.0f}", f"{rate:,.0f}", f"{1000 * median(request_s):.1f}", f"{1000 * p99:.1f}"


def port_of(server: subprocess.Popen[str]) -> int:
    """The port that the server prints once it answers."""
    address = server.stdout.readline() if server.stdout else ""
    if not address:
        raise SystemExit("the server did not start")
    return int(address.rpartition(":")[2])


if __name__ == "__main__":
    main()
