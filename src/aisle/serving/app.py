"""The FastAPI application of one shop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from aisle.serving.body_limit import BodyLimit
from aisle.serving.errors import CatchErrors, install_error_answers
from aisle.serving.follow import Following
from aisle.serving.metrics import Metrics
from aisle.serving.observe import Observe
from aisle.serving.reload import ReleaseWatch
from aisle.serving.routes import events, health, items, recommend, search
from aisle.serving.service import Service
from aisle.shop import Shop
from aisle.storefront import not_found_page, storefront_router

_DESCRIPTION = "Search, shelves, items and events of one shop. Every answer carries the header `x-request-id`."


def create_app(shop: Shop) -> FastAPI:
    """The HTTP service of `shop`, an ASGI application. It loads the release, and newer ones, while its lifespan runs.

    The shop stays the caller's: close it when the application has stopped.
    """
    settings = shop.settings.serving
    metrics = Metrics()
    releases = shop.settings.releases
    following = Following(shop.replica, releases.look_s, settings.reload_s, metrics) if releases.url else None
    service = Service(shop, metrics, ReleaseWatch(shop, settings.reload_s, metrics), following)
    app = FastAPIOffline(  # its /docs needs no other host
        title=f"Aisle: {shop.settings.shop.name}",
        description=_DESCRIPTION,
        version=version("aisle"),
        lifespan=_lifespan,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    routers = [search.router, recommend.router, items.router, events.router, health.router]
    if settings.storefront:
        routers.append(storefront_router(shop))
    for router in routers:
        app.include_router(router)
    install_error_answers(app, not_found_page(shop) if settings.storefront else None)
    # The last one added is the outermost: Observe sees every answer, CORS marks every error for browsers.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(CatchErrors)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("content-type", "x-request-id"),
            expose_headers=("x-request-id",),
        )
    app.add_middleware(Observe, metrics=metrics, patterns=_patterns(routers))
    return app


def _patterns(routers: Sequence[APIRouter]) -> dict[Any, str]:
    """The path pattern of every endpoint ("/v1/items/{item_id}"), which the metrics count by."""
    routes = [route for router in routers for route in router.routes]
    return {route.endpoint: route.path_format for route in routes if isinstance(route, Route)}


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await asyncio.to_thread(service.watch.look)
    tasks = [asyncio.create_task(service.watch.run())]
    if service.following:
        tasks.append(asyncio.create_task(service.following.run()))
    try:
        yield
    finally:
        if service.following:
            service.following.stop()
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
