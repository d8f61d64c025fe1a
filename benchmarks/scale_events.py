"""Ten million events: into PostgreSQL by COPY, profiles out, and item-kNN with Markov learned from them.

    python benchmarks/scale_events.py [--events 10000000] [--users 1000000] [--items 100000] [--seed 7] [--publish]

The script starts a PostgreSQL of its own in a temporary folder (about 6 GB at 10^7 events), with fsync on. Users act
log-normally often, items are chosen by Zipf's law, times spread over the last 180 days; ids are random UUIDs. Seconds
are those of `Store.append_events` alone, not of drawing the events.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import numpy as np
from report import environment, publish, table

from aisle.recommenders.interactions import build_interactions
from aisle.recommenders.item_knn import ItemKnn
from aisle.recommenders.markov import Markov
from aisle.settings import RecommendSettings
from aisle.store import Store, open_store
from aisle.testing.servers import postgresql
from aisle.types import Event, EventKind

OPTIONS = ("shared_buffers=1GB", "max_wal_size=4GB")
CHUNK = 50_000
DAYS = 180
KINDS: tuple[EventKind, ...] = ("view", "click", "favorite", "cart", "purchase", "rate")
SHARES = (0.55, 0.25, 0.05, 0.08, 0.05, 0.02)
LEARN = "--learn"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--inserts", type=int, default=200_000, help="events of the row without COPY")
    parser.add_argument("--reads", type=int, default=20_000, help="profiles that are read")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--publish", action="store_true", help="write the table to docs/benchmarks.md")
    asked = parser.parse_args()
    with postgresql(*OPTIONS) as server:
        rows = [inserted(server.new_url(), asked)]
        url = server.new_url()
        rows += copied(url, asked)
        rows += profiles(url, asked)
        rows += learned(url)
        programs = server.programs
    postgres = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True).stdout.strip()
    how = f"{asked.events:,} events of {asked.users:,} users with {asked.items:,} items; seed {asked.seed}."
    text = f"{environment()}, {postgres} ({', '.join(OPTIONS)}). {how}\n\n{table(('what', 'measured', 'bar'), rows)}"
    print(text)
    if asked.publish:
        publish("scale-events", text)


def drawn(asked: argparse.Namespace, n_events: int, seed: int) -> Iterator[list[Event]]:
    """Chunks of events, the same for the same seed."""
    rng = np.random.default_rng([asked.seed, seed])
    users = np.cumsum(rng.lognormal(0, 1.2, asked.users))
    items = np.cumsum(1 / np.arange(1, asked.items + 1))
    start = datetime.now(UTC) - timedelta(days=DAYS)
    for first in range(0, n_events, CHUNK):
        n = min(CHUNK, n_events - first)
        who = np.searchsorted(users, rng.random(n) * users[-1])
        what = np.searchsorted(items, rng.random(n) * items[-1])
        kinds = rng.choice(len(KINDS), n, p=SHARES)
        seconds = rng.random(n) * DAYS * 86_400
        ids = rng.bytes(16 * n)
        yield [
            Event(
                str(UUID(bytes=ids[16 * row : 16 * row + 16])),
                KINDS[kinds[row]],
                start + timedelta(seconds=seconds[row]),
                f"user-{who[row]}",
                f"visit-{who[row]}-{row % 7}",
                item_id=f"item-{what[row]}",
                value=float(row % 6) if KINDS[kinds[row]] == "rate" else None,
                surface="search",
            )
            for row in range(n)
        ]


def append_all(store: Store, asked: argparse.Namespace, n_events: int, seed: int) -> list[float]:
    """Append the events; the seconds of each chunk."""
    seconds = []
    for number, events in enumerate(drawn(asked, n_events, seed)):
        took, n_new = timed(lambda events=events: store.append_events(events))
        if n_new != len(events):
            raise SystemExit(f"{len(events):,} events were given, and {n_new:,} were new")
        seconds.append(took)
        if number % 20 == 0:
            say(f"{CHUNK * number + len(events):,} events, {len(events) / took:,.0f}/s now")
    return seconds


def inserted(url: str, asked: argparse.Namespace) -> list[str]:
    n_events = min(asked.inserts, asked.events)
    with open_store(url) as store, patch("aisle.store.inserts.COPY_FROM", sys.maxsize):
        rate = n_events / sum(append_all(store, asked, n_events, 1))
    return [f"{n_events:,} events by INSERT of arrays", f"{rate:,.0f}/s", ""]


def copied(url: str, asked: argparse.Namespace) -> list[list[str]]:
    with open_store(url) as store:
        seconds = append_all(store, asked, asked.events, 2)
    tail = seconds[-max(1, len(seconds) // 10) :]
    last = min(asked.events, CHUNK) * len(tail) / sum(tail)
    return [
        [f"{asked.events:,} events by COPY", f"{asked.events / sum(seconds):,.0f}/s", ">= 20,000/s"],
        ["the last tenth of them", f"{last:,.0f}/s", ""],
    ]


def profiles(url: str, asked: argparse.Namespace) -> list[list[str]]:
    """Profiles of users drawn evenly: those of the database, and those that a server has at hand by then."""
    rng = np.random.default_rng([asked.seed, 3])
    users = [f"user-{number}" for number in rng.integers(0, asked.users, asked.reads)]
    with open_store(url) as store:
        for user in users[:200]:
            store.user_events(user)
        cold = [1_000 * timed(lambda user=user: store.user_events(user))[0] for user in users]
        latest = users[-1_000:]
        for user in (*latest, latest[0]):
            store.profile(user)
        time.sleep(1)  # it listens by now
        for user in latest:
            store.profile(user)
        warm = [1_000 * timed(lambda user=user: store.profile(user))[0] for user in latest]
    return [
        [f"profile of one of {asked.users:,} users, from the database", percentiles(cold), "p99 <= 2 ms"],
        ["the same at hand in the process (LISTEN/NOTIFY)", percentiles(warm), ""],
    ]


def learned(url: str) -> list[list[str]]:
    """Learning in a process of its own, so that its peak of memory is its own."""
    told = json.loads(subprocess.run([sys.executable, __file__, LEARN, url], check=True, capture_output=True).stdout)
    whole = sum(told["seconds"].values())
    parts = ", ".join(f"{name} {seconds:,.0f} s" for name, seconds in told["seconds"].items())
    return [
        [f"learned from {told['n_events']:,} events: {parts}", f"{whole:,.0f} s", "<= 300 s"],
        ["peak of memory meanwhile", f"{told['peak_gb']:.1f} GB", "<= 8 GB"],
    ]


def learn(url: str) -> None:
    """Read the events and fit both models; print what it took as JSON."""
    seconds: dict[str, float] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        seconds[name], result = timed(work)
        return result

    with open_store(url) as store:
        events = step("reading", store.events_frame)
    rows = {item: row for row, item in enumerate(events["item_id"].unique().sort())}
    log = step("preparing", lambda: build_interactions(events, rows, RecommendSettings()))
    n_events, events = len(events), None
    step("item-kNN", lambda: ItemKnn().fit(log))
    step("Markov", lambda: Markov().fit(log))
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"n_events": n_events, "seconds": seconds, "peak_gb": peak_gb}))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def percentiles(milliseconds: list[float]) -> str:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == [LEARN]:
        learn(sys.argv[2])
    else:
        main()
