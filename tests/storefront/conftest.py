"""The toy shop on the web, with one more item that tries to break its pages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from aisle.serving import create_app
from aisle.shop import Shop, init, open_shop
from aisle.storefront.i18n import Language, language
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_events, toy_items
from aisle.types import Item, SearchResponse

HOSTILE = Item(
    "x/1",
    '<script>alert("title")</script> lamp & "quotes"',
    description="<img src=x onerror=alert(1)>\nSecond line.",
    brand='B"r\\and',
    image_url="http://pictures.example/lamp.jpg",
)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The toy shop, built, with a folder of pictures."""
    folder = tmp_path_factory.mktemp("shop")
    init(folder, name="Toy <shop>").close()
    (folder / "pictures").mkdir()
    (folder / "pictures" / "e1.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    (folder / "secret.svg").write_text("<svg/>", "utf-8")
    shop = open_shop(folder, encoder=FakeEncoder())
    shop.store.upsert_items([*toy_items(), HOSTILE])
    shop.log(toy_events())
    shop.build()
    yield shop
    shop.close()


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    """A new visitor, who reads English and follows no redirects."""
    headers = {"Accept-Language": "en"}
    with TestClient(create_app(shop), headers=headers, follow_redirects=False) as client:
        yield client


@pytest.fixture
def answer_with(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Makes every search answer with these fields: asked = answer_with(corrected="cable"); `asked` fills up."""

    def change(**fields: Any) -> list[dict[str, Any]]:
        search, asked = shop.search, list[dict[str, Any]]()

        def answer(query: str = "", k: int = 10, **options: Any) -> SearchResponse:
            asked.append({"query": query, "k": k, **options})
            return replace(search(query, k, **options), **fields)

        monkeypatch.setattr(shop, "search", answer)
        return asked

    return change


@pytest.fixture
def english() -> Language:
    """The English pages."""
    return language("en")
