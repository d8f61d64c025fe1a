"""A shop: its folder, its store, and the release that answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from aisle import pipelines
from aisle.cluster import placed
from aisle.encoders import Encoder, located, prepare_encoder
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.errors import AwayError, InputError, NotFoundError, ReleaseError, StoreError, nearest
from aisle.evaluation import SearchReport
from aisle.evaluation.protocols import Protocol
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.splits import Seen
from aisle.evaluation.tuning import Tuning
from aisle.pipelines import Backup, IngestReport, Progress, ignore_progress
from aisle.records import event_from_dict
from aisle.releases import (
    Expected,
    Manifest,
    Objects,
    Pushed,
    Release,
    ReleaseFolder,
    ReleaseStorage,
    Replica,
    announce,
    load_release,
    replica_name,
    tidy,
    together,
)
from aisle.settings import FILE_NAME, Settings, default_toml, load_settings
from aisle.store import Profile, Pruned, Store, open_store
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
    from aisle.pipelines.compressed import CompressPlan, CompressReport
    from aisle.pipelines.finetuned import Finetuned, FinetunePlan


def init(folder: str | Path, *, name: str = "") -> "Shop":
    """Make a new shop in `folder`: aisle.toml, store.db and releases/. Raises InputError when there is one already."""
    path = Path(folder)
    if (path / FILE_NAME).exists():
        raise InputError(f"{path} is a shop already; open it, or choose another folder")
    try:
        (path / "releases").mkdir(parents=True, exist_ok=True)
        (path / FILE_NAME).write_text(default_toml(name or path.resolve().name), "utf-8")
    except OSError as error:
        raise InputError(f"cannot make a shop in {path}: {error}; choose a folder that can be written") from error
    return open_shop(path)


def restore(backup: str | Path, folder: str | Path, progress: Progress = ignore_progress) -> Backup:
    """Make the shop of a backup again in `folder`. Raises NotFoundError, or InputError when that cannot be."""
    return pipelines.restore(Path(backup), Path(folder), progress)


def open_shop(folder: str | Path, *, encoder: Encoder | None = None) -> "Shop":
    """The shop in `folder`. `encoder` stands in for the one that the settings name.

    Raises NotFoundError when `folder` is no shop, SettingsError for a mistake in aisle.toml, StoreError
    when the database cannot be opened.
    """
    path = Path(folder)
    if not (path / FILE_NAME).exists():
        raise NotFoundError(f"{path} is no shop: it has no {FILE_NAME}; make one with: aisle init {path}")
    settings = load_settings(path / FILE_NAME)
    chosen = settings.store
    store = open_store(
        chosen.url,
        path,
        answer_s=chosen.timeout_s,
        replica_urls=chosen.replica_urls,
        redis_url=chosen.redis_url,
    )
    return Shop(path, settings, store, encoder)


class Shop:
    """Everything that can be asked of a shop. Safe to use from many threads."""

    def __init__(self, folder: Path, settings: Settings, store: Store, encoder: Encoder | None = None) -> None:
        self.folder = folder
        self.settings = settings
        self.store = store
        self._folder_of_releases = ReleaseFolder(folder / "releases")
        self._encoder = encoder
        self._release: Release | None = None
        self._prepared: Release | None = None
        self._version = 0
        self._loading = Lock()
        self._storage: ReleaseStorage | None = None

    @property
    def release(self) -> Release:
        """The release that answers, loaded on first use. Raises ReleaseError before the first build."""
        if self._release is None:
            self.refresh()
        if self._release is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self._release

    def refresh(self, *, warm: bool = False) -> bool:
        """Take up a newly activated release, and the items that changed since; True when anything did.

        With `warm` a new release first answers a few questions to itself, so that no shopper waits
        for what is only done once: for servers.
        Requests that run meanwhile end with the release they began with. Raises ReleaseError when
        the new release is corrupt; the old one goes on answering.
        """
        with self._loading:
            active = self._folder_of_releases.active_id()
            if active is None:
                return False
            release, version = self._release, self._version
            if release is None or release.release_id != active:
                release, self._prepared = self._taken(active, warm), None
                version = release.manifest.store_version
            changes = self.store.changes_since(version)
            if changes.upserted or changes.deleted:
                release.apply(changes.upserted, changes.deleted)
            changed = self._release is not release or changes.version != self._version
            self._release, self._version = release, changes.version
            return changed

    def prepare(self, release_id: str | None) -> None:
        """Load a release beside the one that answers, and warm it, so that `refresh` takes it up at once.

        None lets it go again. Raises NotFoundError or ReleaseError as `verify`.
        """
        prepared = None
        if release_id is not None and (self._release is None or self._release.release_id != release_id):
            prepared = load_release(self._folder_of_releases, release_id, self._encoder)
            pipelines.warm(prepared)
        self._prepared = prepared

    def _taken(self, release_id: str, warm: bool) -> Release:
        prepared = self._prepared
        if prepared is not None and prepared.release_id == release_id:
            return prepared
        release = load_release(self._folder_of_releases, release_id, self._encoder)
        if warm:
            pipelines.warm(release)
        return release

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

    def log(self, events: Iterable[Event | Mapping[str, Any]]) -> int:
        """Keep events; they are on disk when this returns. The number that was new. Raises InputError for a bad one."""
        return self.store.append_events(
            [event if isinstance(event, Event) else event_from_dict(event) for event in events]
        )

    def prune(self, keep_days: int | None = None) -> Pruned:
        """Drop the events older than so many days (default: `store.keep_days`). Raises InputError when both are 0."""
        days = self.settings.store.keep_days if keep_days is None else keep_days
        if days < 1:
            raise InputError(f"keep_days={days} keeps all events; set store.keep_days in aisle.toml, or name the days")
        return self.store.prune(datetime.now(UTC) - timedelta(days=days))

    def ingest_items(
        self, locations: Sequence[str], mapping: Mapping[str, str] | None = None, progress: Progress = ignore_progress
    ) -> IngestReport:
        """Read item feeds into the store; `mapping` is field = column where the guess is not right."""
        return pipelines.ingest(
            "items", locations, self.store, self.settings, self._quarantine, mapping or {}, progress=progress
        )

    def ingest_events(
        self, locations: Sequence[str], mapping: Mapping[str, str] | None = None, progress: Progress = ignore_progress
    ) -> IngestReport:
        """Read event logs into the store. Reading one again adds nothing."""
        return pipelines.ingest(
            "events", locations, self.store, self.settings, self._quarantine, mapping or {}, progress=progress
        )

    def ingest_judgments(
        self,
        locations: Sequence[str],
        mapping: Mapping[str, str] | None = None,
        progress: Progress = ignore_progress,
        *,
        queries: str | None = None,
    ) -> IngestReport:
        """Read judgments into the store; `queries` names the feed with the texts of their query ids."""
        return pipelines.ingest(
            "judgments",
            locations,
            self.store,
            self.settings,
            self._quarantine,
            mapping or {},
            queries=queries,
            progress=progress,
        )

    def build(self, progress: Progress = ignore_progress, *, activate: bool = True, cluster: str = "") -> Manifest:
        """Build a release from the store, send it to the storage where there is one, and make it the running one.

        Without `activate` it does not run yet. Raises ReleaseError, or AwayError when it is built and could not be
        sent: then the running one goes on, and `push` and `activate` do the rest later.
        `cluster` is the address of a Ray cluster that encodes the items: HOST:PORT where this machine belongs to it,
        ray://HOST:PORT where not, or "local", which starts one here. Raises AwayError when nobody answers there.
        """
        encoder = self._encoder
        if encoder is None:
            progress("prepare the encoder", 0, 1)
            chosen = self.settings.encoder
            encoder = prepare_encoder(chosen.model_copy(update={"model": located(chosen.model, self.folder)}))
            progress("prepare the encoder", 1, 1)
        releases, shared = self._folder_of_releases, bool(self.settings.releases.url)
        with placed(cluster) as place:
            manifest = pipelines.build(
                self.store,
                releases,
                self.settings,
                encoder,
                self.folder,
                progress,
                place=place,
                activate=activate and not shared,
            )
        if shared:
            self._share(manifest.release_id, progress, activate)
        elif activate:
            announce(releases, manifest)
        tidy(releases, manifest)
        return manifest

    def pretrain(
        self,
        plan: Pretraining | None = None,
        *,
        name: str = "",
        texts: Sequence[str] = (),
        fresh: bool = False,
        tracking: Tracking | None = None,
        progress: Progress = ignore_progress,
        cluster: str = "",
        processes: int = 1,
    ) -> Pretrained:
        """Pre-train a language model on the shop's items and searches, and on the files `texts`, into models/NAME.

        Run again after an interruption, it goes on exactly, unless `fresh`. `texts` are files with a text a
        line, or FILE:COLUMN of a table. It learns on a machine of the `cluster`, where one is named as for `build`.
        Several `processes` each learn from a share of every batch. Raises InputError for a plan that cannot be
        followed, and ProcessError when one of the processes dies.
        """
        plan, tracking = plan or Pretraining(), tracking or Tracking()
        options: dict[str, Any] = {"name": name, "texts": texts, "fresh": fresh, "tracking": tracking}
        if processes != 1 or plan.shard:
            from aisle.pipelines.together import check_processes, pretrain_together  # noqa: PLC0415  imports PyTorch

            check_processes(processes, shard=plan.shard)
            if not cluster:
                return pretrain_together(self.folder, self.settings, plan, progress, processes, **options)
        with placed(cluster) as place:
            return pipelines.pretrain(
                self.store, self.folder, plan, progress, place=place, n_processes=processes, **options
            )

    def releases(self) -> list[Manifest]:
        """The finished releases, newest first."""
        folder = self._folder_of_releases
        return [folder.manifest(release_id) for release_id in reversed(folder.ids())]

    def active_release_id(self) -> str | None:
        """The release that runs, or None before the first build."""
        return self._folder_of_releases.active_id()

    def activate(self, release_id: str) -> Manifest:
        """Make a release the running one, after checking it: on every server where there is a storage.

        Raises NotFoundError, ReleaseError, and AwayError when the storage does not answer.
        """
        if self.settings.releases.url:
            return self.activate_together(release_id)
        self._folder_of_releases.activate(release_id)
        return announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))

    def activate_together(
        self,
        release_id: str,
        expected: Expected = together.NOBODY,
        deadline_s: float = 60.0,
        progress: Progress = ignore_progress,
    ) -> Manifest:
        """Make a release of the storage run on every server, once those expected have loaded it; else on none.

        Raises ReleaseError with the reason when not all are ready within `deadline_s` seconds; see
        `aisle.releases.together`.
        """
        together.activate(self.storage, release_id, expected, deadline_s, progress)
        return self._also_here(release_id)

    def rollback(self) -> Manifest:
        """Make the release before the running one run again. Raises InputError when there is none."""
        if self.settings.releases.url:
            return self._also_here(together.rollback(self.storage))
        release_id = self._folder_of_releases.rollback()
        return announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))

    @property
    def storage(self) -> ReleaseStorage:
        """The releases that machines share. Raises InputError where the settings name none."""
        if self._storage is None:
            if not self.settings.releases.url:
                raise InputError("this shop has no storage of releases; set releases.url in aisle.toml")
            self._storage = ReleaseStorage(Objects(self.settings.releases))
        return self._storage

    def push(
        self, release_id: str | None = None, progress: Progress = ignore_progress, *, whole: bool = False
    ) -> Pushed:
        """Send a release (the latest) to the storage; files that are there are not sent again, unless `whole`."""
        chosen = release_id or next(reversed(self._folder_of_releases.ids()), None)
        if chosen is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self.storage.push(self._folder_of_releases, chosen, progress, whole=whole)

    def pull(self, release_id: str | None = None, progress: Progress = ignore_progress) -> Manifest:
        """Bring a release (the one that runs on the servers) from the storage. It does not run yet."""
        chosen = release_id or self.shared_release_id()
        if chosen is None:
            raise ReleaseError(f"no release runs in {self.settings.releases.url} yet; run aisle build")
        return self.storage.pull(self._folder_of_releases, chosen, progress)

    def shared_releases(self) -> list[Manifest]:
        """The releases in the storage, newest first."""
        return [self.storage.manifest(release_id) for release_id in reversed(self.storage.ids())]

    def shared_release_id(self) -> str | None:
        """The release that runs on every server that follows the storage, or None before the first."""
        return together.active_id(self.storage)

    def replica(self) -> Replica:
        """This process's part in following the storage: a server calls its `look` again and again."""
        settings = self.settings.releases
        name = replica_name(settings.replica)
        return Replica(name, self.storage, self._folder_of_releases, self.prepare, settings.keep)

    def _share(self, release_id: str, progress: Progress, activate: bool) -> None:
        try:
            self.push(release_id, progress)
            if activate:
                self.activate(release_id)
            self.storage.prune(self.settings.releases.keep, together.in_use(self.storage))
        except AwayError as error:
            raise AwayError(
                f"release {release_id} is built, and could not be shared: {error}; the running one goes on; later: "
                f"aisle release push {release_id}, and aisle release activate {release_id}"
            ) from error

    def _also_here(self, release_id: str) -> Manifest:
        if release_id in self._folder_of_releases.ids():
            self._folder_of_releases.activate(release_id)
            announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))
        return self.storage.manifest(release_id)

    def back_up(self, folder: str | Path, progress: Progress = ignore_progress) -> Backup:
        """Copy what cannot be made again to `folder`, which must not be there; the shop may serve meanwhile.

        That is the settings, the store (where it is SQLite), the models, and the running release.
        """
        return pipelines.back_up(self.folder, self.settings, Path(folder), progress)

    def verify(self, release_id: str | None = None) -> Manifest:
        """Check a release (the running one) against its checksums. Raises NotFoundError or ReleaseError."""
        chosen = release_id or self.active_release_id()
        if chosen is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self._folder_of_releases.verify(chosen)

    def evaluate_search(
        self,
        judgments: str | None = None,
        *,
        queries: str | None = None,
        k: int = 100,
        progress: Progress = ignore_progress,
    ) -> SearchReport:
        """How good the search is on the judgments of a feed, or on the store's. Raises InputError without any."""

        def find(query: str, n: int) -> list[tuple[str, float]]:
            return [(hit.item_id, hit.score) for hit in self.search(query, n).hits]

        return pipelines.judge_search(self.store, find, judgments, queries, k, progress)

    def evaluate_recommend(  # noqa: PLR0913  the options of an evaluation, by name
        self,
        protocol: Protocol = "leave-one-out",
        *,
        test: str | None = None,
        models: Sequence[str] = (),
        minutes: float = 10.0,
        seen: Seen | None = None,
        refit: bool = False,
        folds: int = 5,
        seed: int = 0,
        progress: Progress = ignore_progress,
        cluster: str = "",
    ) -> RecommendReport:
        """How well models, and their blend, foresee what users of the event log chose.

        Everything is chosen on validation, in about `minutes`; then the test is asked once. `models` are
        names of `aisle.recommenders.models` and "blend" (default: those usual for the protocol); random
        and popularity always stand beside. `test` is a file of events for the protocol given-test.
        Settings tried are kept in the shop's tuning.db, so that a second run goes on. Models are fitted on the
        `cluster`, where one is named as for `build`, side by side.

        Raises InputError for an unknown name, a test that cannot be read, and too few events or users.
        """
        asked = pipelines.Question(protocol, test, tuple(models), minutes, seen, refit, folds, seed)
        with placed(cluster) as place:
            return pipelines.judge_recommend(
                self.store, self.settings, self.folder, self._built, asked, progress, place
            )

    def tune(
        self,
        protocol: Protocol = "leave-one-out",
        *,
        models: Sequence[str] = (),
        minutes: float = 10.0,
        seed: int = 0,
        progress: Progress = ignore_progress,
        cluster: str = "",
    ) -> Tuning:
        """Seek the best hyper-parameters of models on validation, and keep them in tuned.json for the next build.

        Run again, it goes on where it ended, as long as the events are the same. The test part of the
        protocol is not looked at. On a `cluster`, named as for `build`, models are tuned side by side, each for
        `minutes`. Raises InputError as `evaluate_recommend` does.
        """
        asked = pipelines.Question(protocol, models=tuple(models), minutes=minutes, seed=seed)
        with placed(cluster) as place:
            return pipelines.tune_recommend(self.store, self.settings, self.folder, self._built, asked, progress, place)

    def finetune(
        self,
        plan: "FinetunePlan | None" = None,
        progress: Progress = ignore_progress,
        *,
        cluster: str = "",
        processes: int = 1,
    ) -> "Finetuned":
        """Fine-tune a model on what the shop knows, into models/ of its folder, and measure what it brought.

        Without a plan: the encoder, by LoRA, on judgments and clicks. The next build uses it once the settings that
        the answer names stand in aisle.toml (`aisle.pipelines.finetune.use` writes them). It learns on a machine of
        the `cluster`, where one is named as for `build`. Several `processes` each learn from a share of every batch.
        Raises InputError when there is too little to learn from, MissingExtraError without the extra "learn", and
        ProcessError when one of the processes dies.
        """
        from aisle.pipelines.finetune import finetune  # noqa: PLC0415  imports PyTorch, which serving never does
        from aisle.pipelines.finetuned import FinetunePlan  # noqa: PLC0415

        plan = plan or FinetunePlan()
        if processes != 1 or plan.recipe.shard:
            from aisle.pipelines.together import check_processes, finetune_together  # noqa: PLC0415

            check_processes(processes, shard=plan.recipe.shard)
            if not cluster:
                return finetune_together(self.folder, self.settings, plan, progress, processes)
        if not cluster:
            return finetune(self.store, self.settings, self.folder, plan, progress)
        from aisle.pipelines.finetune_away import finetune_away  # noqa: PLC0415

        with placed(cluster) as place:
            return finetune_away(self.store, self.settings, self.folder, plan, progress, place, processes)

    def compress(self, plan: "CompressPlan | None" = None, progress: Progress = ignore_progress) -> "CompressReport":
        """Make the encoder smaller and faster in every way of the plan, and measure what each way costs.

        Raises InputError when a method does not fit the model, and MissingExtraError without the extra "learn".
        """
        from aisle.pipelines.compress import compress  # noqa: PLC0415  imports PyTorch, which serving never does
        from aisle.pipelines.compressed import CompressPlan  # noqa: PLC0415

        return compress(self.store, self.settings, self.folder, plan or CompressPlan(), progress)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    @property
    def _built(self) -> Release | None:
        """The release that answers, or None before the first build."""
        return None if self.active_release_id() is None else self.release

    @property
    def _quarantine(self) -> Path:
        return self.folder / "quarantine"

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
