"""What the service measures of itself, in the words of Prometheus."""

import os
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from aisle.types import SearchResponse

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable with the folder in which several processes count together; its library reads it too."""
_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 1.0, 5.0)
_HITS = (0, 1, 3, 10, 30, 100, 300, 1_000, 10_000, 100_000)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class Metrics:
    """The counters of one service. Each has its own registry, so that several may live in one process.

    Where several processes serve one shop, each shows the numbers of all of them.
    """

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        self.requests = Counter("aisle_http_requests", "Answers.", ("route", "method", "status"), registry=own)
        self.seconds = Histogram(
            "aisle_http_request_seconds", "Time to answer.", ("route",), buckets=_SECONDS, registry=own
        )
        self.events = Counter("aisle_events", "Events by what became of them.", ("outcome",), registry=own)
        self.hits = Histogram("aisle_search_hits", "Items found by a search.", buckets=_HITS, registry=own)
        self.without_hits = Counter("aisle_searches_without_hits", "Searches that found no item.", registry=own)
        self.searches = Counter("aisle_searches", "Searches by what ordered their hits.", ("ranker",), registry=own)
        self.corrected = Counter("aisle_searches_corrected", "Searches whose spelling was mended.", registry=own)
        self.plainer = Counter("aisle_searches_degraded", "Searches answered without an engine.", registry=own)
        self.relaxed = Counter("aisle_searches_relaxed", "Searches that left words out.", ("kept",), registry=own)
        self.degraded = Gauge(
            "aisle_ranker_degraded",
            "1 while the release that serves lacks its learned ranker.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self.lost_recommenders = Gauge(
            "aisle_recommenders_degraded",
            "Recommenders of the release that serves which are damaged and done without.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self.away = Gauge(
            "aisle_index_away",
            "1 while the index on other machines does not answer, and words alone are searched.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self.store_degraded = Gauge(
            "aisle_store_degraded",
            "Engines of the store that do not answer: the database, its replicas, what keeps profiles.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self.release = Gauge(
            "aisle_release_info",
            "1 for the release that serves.",
            ("release_id",),
            registry=own,
            multiprocess_mode="livemostrecent",
        )
        self._shown = ""
        self.reloads = Counter("aisle_release_reloads", "Attempts to load what is newer.", ("outcome",), registry=own)
        self.refused = Gauge(
            "aisle_release_refused",
            "1 while a newer release cannot be loaded.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self.storage_trouble = Gauge(
            "aisle_release_storage_trouble",
            "1 while releases of the storage cannot be had: it is away, or what it holds is refused.",
            registry=own,
            multiprocess_mode="livemax",
        )
        for outcome in ("accepted", "rejected"):
            self.events.labels(outcome)
        for kept in ("words", "meaning"):
            self.relaxed.labels(kept)
        for outcome in ("loaded", "refused"):
            self.reloads.labels(outcome)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is the pattern that matched ("/v1/items/{item_id}"), never what a client typed."""
        self.requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def count_search(self, found: SearchResponse) -> None:
        """Count one search: what it found, what had to be done for that, and what ordered it."""
        self.hits.observe(found.n_hits)
        if found.n_hits == 0:
            self.without_hits.inc()
        self.searches.labels(found.ranker).inc()
        if found.corrected:
            self.corrected.inc()
        if found.degraded:
            self.plainer.inc()
        if found.relaxed:
            self.relaxed.labels("meaning" if found.relaxed == ("*",) else "words").inc()

    def count_events(self, n_accepted: int, n_rejected: int) -> None:
        """Count the events of one request."""
        self.events.labels("accepted").inc(n_accepted)
        self.events.labels("rejected").inc(n_rejected)

    def show(self, accept: str, release_id: str, *, degraded: Sequence[str] = ()) -> tuple[bytes, str]:
        """The text for a scraper that accepts the media types `accept`, and its own media type.

        `degraded` are the parts of the release that could not be loaded and are done without, each as "part: why".
        """
        self.degraded.set(any(part.startswith("ranker") for part in degraded))
        self.lost_recommenders.set(sum(part.startswith("recommender ") for part in degraded))
        self.away.set(any(part.startswith("index") for part in degraded))
        if self._shown and self._shown != release_id:
            self.release.labels(self._shown).set(0)
        if release_id:
            self.release.labels(release_id).set(1)
        self._shown = release_id
        encode, media_type = choose_encoder(accept)
        return encode(self._everybodys()), media_type

    def _everybodys(self) -> CollectorRegistry:
        if SHARED not in os.environ:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return registry
