"""What shoppers ask: a search, shelves, suggestions, an item."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from aisle import pipelines
from aisle.errors import InputError, NotFoundError, StoreError, nearest
from aisle.store import Profile
from aisle.types import (
    SHELF_NAMES,
    Event,
    EventKind,
    FacetValue,
    Item,
    SearchRequest,
    SearchResponse,
    Shelf,
    ShelfName,
    Sort,
    Suggestion,
    check_page,
)

if TYPE_CHECKING:
    pass
from aisle.shop.opened import Opened


class Asking(Opened):
    """Everything that shoppers ask of a shop."""

    def search(  # noqa: PLR0913  every option of a search, by name
        self,
        query: str = "",
        k: int = 10,
        *,
        offset: int = 0,
        filters: str = "",
        sort: Sort = "relevance",
        facets: bool = False,
        user_id: str | None = None,
        session_id: str | None = None,
        locale: str | None = None,
        spelling: bool = True,
        without: Sequence[str] = (),
        grouped: bool = False,
    ) -> SearchResponse:
        """The items that answer `query`, best first; an empty query browses. Raises InputError for a bad value."""
        request = SearchRequest(
            query=query,
            k=k,
            offset=offset,
            filters=filters,
            sort=sort,
            facets=facets,
            user_id=user_id or "",
            session_id=session_id or "",
            locale=self._locale(locale),
            spelling=spelling,
            without=tuple(without),
            grouped=grouped,
        )
        profiles: list[Profile] = []

        def acts() -> Sequence[Event]:
            profiles.append(self._profile(user_id, session_id))
            return profiles[-1].events

        found = pipelines.search(self.release, request, acts)
        return replace(found, degraded=found.degraded + _degraded(*profiles))

    def facet_values(  # noqa: PLR0913  the options of a search, by name
        self,
        field: str,
        prefix: str = "",
        query: str = "",
        filters: str = "",
        k: int = 10,
        locale: str | None = None,
        *,
        sort: Sort = "relevance",
        spelling: bool = True,
        without: Sequence[str] = (),
    ) -> tuple[FacetValue, ...]:
        """Values of a facet with a word that begins with `prefix`, among the results of a search, most frequent first.

        The counts are those of `search` with the same options. Raises InputError for a bad value.
        """
        check_page(k)
        request = SearchRequest(
            query,
            filters=filters,
            sort=sort,
            locale=self._locale(locale),
            spelling=spelling,
            without=tuple(without),
        )
        return pipelines.facet_values(self.release, request, field, prefix, k)

    def recommend(
        self,
        user_id: str | None = None,
        k: int = 10,
        *,
        session_id: str | None = None,
        shelf: ShelfName = "for_you",
    ) -> Shelf:
        """A shelf from what the user, or a session without one, did until now.

        `shelf` is "for_you", "because_viewed", "in_your_categories", "rising" or "popular". A user without a history
        gets "popular" for "for_you"; any other shelf may be empty. Raises InputError for another name.
        """
        check_page(k)
        if shelf not in SHELF_NAMES:
            raise InputError(f"shelf={shelf!r} is no shelf; {nearest(str(shelf), SHELF_NAMES)}")
        profile = self._profile(user_id, session_id)
        found = pipelines.recommend(self.release, profile.events, k, shelf)
        return replace(found, degraded=_degraded(profile))

    def popular(self, k: int = 10) -> Shelf:
        """The shelf "popular": what shoppers take now."""
        return self.recommend(k=k, shelf="popular")

    def similar(self, item_id: str, k: int = 10) -> Shelf:
        """The shelf "similar" of an item. Raises NotFoundError for an unknown one."""
        check_page(k)
        return pipelines.similar(self.release, item_id, k)

    def bought_together(self, item_id: str, k: int = 10) -> Shelf:
        """The shelf "bought_together" of an item; empty where nothing is. Raises NotFoundError for an unknown one."""
        check_page(k)
        return pipelines.bought_together(self.release, item_id, k)

    def shelves(self, user_id: str | None = None, k: int = 10, *, session_id: str | None = None) -> tuple[Shelf, ...]:
        """The shelves of a home page, no product twice: those about the user where known, "rising" and "popular"."""
        check_page(k)
        profile = self._profile(user_id, session_id)
        found = pipelines.home_shelves(self.release, profile.events, k)
        return tuple(replace(shelf, degraded=_degraded(profile)) for shelf in found)

    def next_act(self, user_id: str | None = None, *, session_id: str | None = None) -> Mapping[EventKind, float]:
        """How likely the next act is a view, a cart, a purchase...: shares of 1, the likeliest first.

        From what the user, or a session without one, did until now; for a stranger the shares of the whole shop.
        Empty where the shop has no acts yet.
        """
        return pipelines.next_act(self.release, self._profile(user_id, session_id).events)

    def complete(
        self, prefix: str, k: int = 8, locale: str | None = None, *, user_id: str | None = None
    ) -> tuple[Suggestion, ...]:
        """What may be meant by the first letters of a query; for a known user what they like comes first."""
        return pipelines.complete(self.release, prefix, k, self._locale(locale), self._profile(user_id, None).events)

    def item(self, item_id: str) -> Item:
        """An item as it is in the store now. Raises NotFoundError."""
        item = self.store.item(item_id)
        if item is None:
            raise NotFoundError(f"there is no item {item_id!r} in this shop")
        return item

    def _locale(self, locale: str | None) -> str:
        return locale or self.settings.shop.locales[0]

    def _profile(self, user_id: str | None, session_id: str | None) -> Profile:
        """What the shopper did last; while the store is away what is known of it, or nothing."""
        try:
            return self.store.profile(user_id or "", session_id or "", self.settings.recommend.history_length)
        except StoreError:
            return Profile(fresh=False)


def _degraded(*profiles: Profile) -> tuple[str, ...]:
    return () if all(profile.fresh for profile in profiles) else ("profile",)
