from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from aisle.serving.metrics import Metrics
from aisle.shop import Shop
from aisle.types import SearchResponse

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Every sample of a scrape by its name and its labels in order."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(client: TestClient) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return samples(answer.text)


def counted(client: TestClient, route: str, method: str, status: str) -> float:
    labels = (("method", method), ("route", route), ("status", status))
    return scrape(client).get(("aisle_http_requests_total", labels), 0)


def test_answers_are_counted_by_route_method_and_status(client: TestClient) -> None:
    client.get("/v1/items/e1")
    client.get("/v1/items/e2")
    client.get("/v1/items/e99")
    assert counted(client, "/v1/items/{item_id}", "GET", "200") == 2
    assert counted(client, "/v1/items/{item_id}", "GET", "404") == 1


def test_what_clients_make_up_does_not_become_a_label(client: TestClient) -> None:
    client.get("/made/up")
    client.request("BREW", "/made/up/too")
    assert counted(client, "(other)", "GET", "404") == 1
    assert counted(client, "(other)", "other", "404") == 1


def test_pages_of_the_storefront_are_counted_by_their_patterns(client: TestClient) -> None:
    client.get("/items/e1")
    assert counted(client, "/items/{item_id}", "GET", "200") == 1


def test_times_are_observed_by_route(client: TestClient) -> None:
    client.post("/v1/search", json={"query": "usb"})
    values = scrape(client)
    assert values["aisle_http_request_seconds_count", (("route", "/v1/search"),)] == 1
    assert values["aisle_http_request_seconds_bucket", (("le", "5.0"), ("route", "/v1/search"))] == 1


def test_a_refused_body_is_counted(client: TestClient) -> None:
    client.post("/v1/search", content=b" " * 5_000_000, headers={"content-type": "application/json"})
    assert counted(client, "(other)", "POST", "413") == 1


def test_events_are_counted_by_what_became_of_them(client: TestClient) -> None:
    good = {"kind": "view", "item_id": "e1"}
    client.post("/v1/events", json={"events": [good, good, {"kind": "look", "item_id": "e1"}]})
    values = scrape(client)
    assert values["aisle_events_total", (("outcome", "accepted"),)] == 2
    assert values["aisle_events_total", (("outcome", "rejected"),)] == 1


def test_searches_without_hits_are_counted(client: TestClient) -> None:
    client.post("/v1/search", json={"query": "usb"})
    client.post("/v1/search", json={"filters": "price > 100000"})
    values = scrape(client)
    assert values["aisle_search_hits_count", ()] == 2
    assert values["aisle_searches_without_hits_total", ()] == 1


def test_mended_and_relaxed_searches_are_counted() -> None:
    metrics = Metrics()
    for fields in ({"corrected": "mug"}, {"relaxed": ("blue", "velvet")}, {"relaxed": ("*",)}, {}):
        metrics.count_search(SearchResponse("q1", "mugg", (), 1, ranker="lambdamart", **fields))
    values = samples(metrics.show("", "")[0].decode())
    assert values["aisle_searches_total", (("ranker", "lambdamart"),)] == 4
    assert values["aisle_searches_corrected_total", ()] == 1
    assert values["aisle_searches_relaxed_total", (("kept", "words"),)] == 1
    assert values["aisle_searches_relaxed_total", (("kept", "meaning"),)] == 1


def test_a_release_without_its_ranker_raises_the_alarm(client: TestClient, shop: Shop) -> None:
    assert scrape(client)["aisle_ranker_degraded", ()] == 0
    object.__setattr__(shop.release, "degraded", ("ranker: its file is damaged",))
    assert scrape(client)["aisle_ranker_degraded", ()] == 1
    assert scrape(client)["aisle_recommenders_degraded", ()] == 0
    assert client.get("/readyz").json()["degraded"] == ["ranker: its file is damaged"]


def test_lost_recommenders_are_counted(client: TestClient, shop: Shop) -> None:
    object.__setattr__(shop.release, "degraded", ("recommender markov: gone", "recommender item_knn: gone"))
    assert scrape(client)["aisle_recommenders_degraded", ()] == 2
    assert scrape(client)["aisle_ranker_degraded", ()] == 0


def test_the_serving_release_is_named(client: TestClient, shop: Shop) -> None:
    assert scrape(client)["aisle_release_info", (("release_id", shop.release.release_id),)] == 1


def test_memory_of_the_process_is_measured(client: TestClient) -> None:
    assert scrape(client)["process_resident_memory_bytes", ()] > 1_000_000


def test_a_scraper_may_ask_for_openmetrics(client: TestClient) -> None:
    answer = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_two_services_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.count_search(SearchResponse("q1", "mug", (), 0, ranker="fusion"))
    assert samples(first.show("", "")[0].decode())["aisle_searches_without_hits_total", ()] == 1
    assert samples(second.show("", "")[0].decode())["aisle_searches_without_hits_total", ()] == 0
