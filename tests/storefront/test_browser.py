"""A shopper in a real browser, in front of a real server: what is done on the pages is found in the store."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

from aisle.serving import create_app, listen
from aisle.shop import Shop, init, open_shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items
from aisle.types import Event, Item

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WAIT_S = 10

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the PATH: the pages were not tried in a browser"
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The toy shop, where "usb c cable" was searched for often enough to be suggested."""
    init(tmp_path, name="Toy shop").close()
    shop = open_shop(tmp_path, encoder=FakeEncoder())
    shop.store.upsert_items(toy_items())
    shop.log([*toy_events(), {"kind": "search", "query": "usb c cable", "user_id": "ann"}])
    shop.build()
    yield shop
    shop.close()


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    """Where the shop is served."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(shop), log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a browser. The test fails on any error in its console, violations of the content policy included."""
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
        page.set_default_timeout(WAIT_S * 1000)
        page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        yield page
        browser.close()
    assert troubles == []


def wait_for_event(shop: Shop, **wanted: object) -> Event:
    """The event with these fields, once it is in the store."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        for row in shop.store.events_frame().iter_rows(named=True):
            if all(row[name] == value for name, value in wanted.items()):
                return Event(**{name: value for name, value in row.items() if value is not None})
        time.sleep(0.05)
    raise AssertionError(f"no event with {wanted} in the store")


@pytest.mark.usefixtures("shop")
def test_a_shopper_sees_what_was_understood_and_takes_it_back(address: str, page: Page) -> None:
    page.goto(f"{address}/search?q=headfones+under+50+euro")
    expect(page.get_by_role("heading", level=1)).to_have_text("Showing results for “headphones under 50 euro”")
    expect(page.locator(".grid .card", has_text="Wired headphones")).to_be_visible()
    expect(page.locator(".grid .card", has_text="Wireless headphones")).to_have_count(0)

    page.get_by_role("link", name="under 50 euro filter do not read it this way").click()
    expect(page).to_have_url(f"{address}/search?q=headfones+under+50+euro&without=price+%3C%3D+50")
    expect(page.locator(".grid .card", has_text="Wireless headphones")).to_be_visible()

    page.locator(".choice", has_text="Sonora").click()
    expect(page).to_have_url(f"{address}/search?q=headfones+under+50+euro&brand=Sonora&without=price+%3C%3D+50")
    expect(page.locator(".grid .card")).to_have_count(2)

    page.get_by_role("link", name="“headfones under 50 euro”").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “headfones under 50 euro”")
    expect(page.get_by_text("Search instead for")).to_have_count(0)


def test_a_shopper_searches_inside_a_long_facet(shop: Shop, address: str, page: Page) -> None:
    shop.store.upsert_items([Item(f"b{n}", f"Sticker {n}", brand=f"Label {n}") for n in range(12)])
    shop.refresh()
    page.goto(f"{address}/search?q=sticker&page=1")
    box = page.get_by_role("searchbox", name="Search in Brand")
    box.fill("label 11")
    found = page.locator("#found-brand")
    expect(found.locator(".choice")).to_have_count(1)
    found.get_by_text("Label 11").click()
    expect(page).to_have_url(f"{address}/search?q=sticker&brand=Label+11")
    expect(page.locator(".grid .card")).to_have_count(1)
    box.fill("zzz")
    expect(found).to_have_text("Nothing of that name here")
    box.fill("")
    expect(found).to_be_hidden()


def test_variants_take_one_place_and_lead_to_the_others(shop: Shop, address: str, page: Page) -> None:
    colors = "red", "green", "blue"
    shop.store.upsert_items(
        [Item(f"v{n}", f"Lamp {color}", group_id="lamp", attributes={"color": color}) for n, color in enumerate(colors)]
    )
    shop.refresh()
    page.goto(f"{address}/search?q=lamp")
    lamps = page.locator(".grid .card", has_text="Lamp")
    expect(lamps).to_have_count(1)
    lamps.get_by_role("link", name="3 variants").click()
    expect(page.locator(".variants .chip")).to_have_count(3)


@pytest.mark.usefixtures("shop")
def test_a_suggested_brand_leads_to_its_own_page(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_role("combobox").press_sequentially("clay")
    page.get_by_role("option", name="Clay & Co Brand").click()
    expect(page).to_have_url(f"{address}/search?brand=Clay+%26+Co")
    expect(page.locator(".grid .card")).to_have_count(1)


def test_what_a_shopper_does_is_found_in_the_store(shop: Shop, address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", name="Popular now")).to_be_visible()
    page.get_by_role("combobox").press_sequentially("usb")
    page.get_by_role("option", name="usb c cable").wait_for()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/search?q=usb+c+cable")
    user_id = next(one["value"] for one in page.context.cookies() if one["name"] == "aisle_user")
    assert wait_for_event(shop, kind="search", query="usb c cable", user_id=user_id, surface="search").session_id

    page.locator(".choice", has_text="Volt").click()
    expect(page).to_have_url(f"{address}/search?q=usb+c+cable&brand=Volt")
    expect(page.get_by_role("link", name="Volt remove this filter")).to_be_visible()
    expect(page.locator(".grid .card")).to_have_count(2)  # two cables are one product
    seen = wait_for_event(shop, kind="impression", user_id=user_id, surface="search", item_id="e3")
    assert wait_for_event(shop, kind="search", query_id=seen.query_id).user_id == user_id

    card = page.locator(".card", has_text="USB-C cable 1 m")
    rank = int(card.get_attribute("data-rank") or 0)
    card.get_by_role("heading").get_by_role("link").click()
    expect(page).to_have_title("USB-C cable 1 m · Toy shop")
    clicked = wait_for_event(shop, kind="click", user_id=user_id, item_id="e1")
    assert (clicked.rank, clicked.surface, clicked.query) == (rank, "search", "usb c cable")
    viewed = wait_for_event(shop, kind="view", user_id=user_id, item_id="e1")
    assert (viewed.query_id, viewed.surface) == (clicked.query_id, "item")

    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("[data-toast]")).to_have_text("Added to the cart")
    expect(page.locator("[data-cart-count]")).to_have_text("1")
    put = wait_for_event(shop, kind="cart", user_id=user_id, item_id="e1")
    assert (put.query_id, put.rank, put.value) == (clicked.query_id, rank, 1.0)

    page.get_by_role("link", name="Cart").click()
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    assert wait_for_event(shop, kind="purchase", user_id=user_id, item_id="e1").query_id == clicked.query_id
