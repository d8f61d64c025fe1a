"""One server that follows the storage: takes part in what is proposed, and runs what is decided."""

import os
import re
import socket
from collections.abc import Callable
from threading import Event

from aisle.errors import InputError, NotFoundError, ReleaseError
from aisle.releases.activations import Activations, Proposal
from aisle.releases.folder import ReleaseFolder
from aisle.releases.storage import ReleaseStorage

Load = Callable[[str | None], None]
"""Loads a release beside the one that answers, so that it can take its place at once; None lets it go again."""


def replica_name(chosen: str = "") -> str:
    """The name of this process among all servers. Raises InputError for one that cannot be part of an object's name."""
    name = chosen or re.sub(r"[^\w.-]", "-", f"{socket.gethostname()}-{os.getpid()}")
    if not re.fullmatch(r"[\w.-]+", name):
        raise InputError(f"releases.replica = {name!r}; expected letters, digits, dots and dashes")
    return name


class Replica:
    """Brings the releases that run elsewhere to this machine, each at its time. `look` is for one thread."""

    def __init__(self, name: str, storage: ReleaseStorage, folder: ReleaseFolder, load: Load, keep: int) -> None:
        self.name = name
        self._storage, self._folder, self._load, self._keep = storage, folder, load, keep
        self._log = Activations(storage.objects)
        self._followed = 0
        self._answered = 0
        self._loaded: str | None = None
        self._stopping = Event()

    def stop(self) -> None:
        """End a look that is under way in another thread soon, at the next piece of what it pulls."""
        self._stopping.set()

    def look(self) -> bool:
        """Do what the log asks for; whether this server is ready for a release and waits for the decision.

        Raises AwayError when the storage does not answer, ReleaseError or NotFoundError when the release that runs
        elsewhere cannot be had: then the one that is here goes on, and the next look tries again.
        """
        state = self._log.read()
        if state.committed is not None and state.committed.number != self._followed:
            self._follow(state.committed)
        wanted = state.open if state.open and not state.open.expired else None
        if self._loaded and (wanted is None or wanted.release_id != self._loaded):
            self._loaded = None
            self._load(None)
        if wanted is not None and wanted.number != self._answered and wanted.expected.asks(self.name):
            self._answer(wanted)
        return self._loaded is not None

    def _follow(self, committed: Proposal) -> None:
        if self._running() != committed.release_id:
            self._storage.pull(self._folder, committed.release_id, self._heard)
            self._folder.activate(committed.release_id)
            self._folder.prune(self._keep)
        if self._loaded == committed.release_id:
            self._loaded = None  # whoever answers takes it up
        self._followed = committed.number

    def _answer(self, proposal: Proposal) -> None:
        reason = ""
        if self._loaded != proposal.release_id:
            try:
                self._storage.pull(self._folder, proposal.release_id, self._heard)
                self._load(proposal.release_id)
                self._loaded = proposal.release_id
            except (NotFoundError, ReleaseError) as error:
                reason = str(error)
        self._log.answer(proposal, self.name, reason)
        self._answered = proposal.number

    def _heard(self, stage: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise ReleaseError("this server is stopping")

    def _running(self) -> str | None:
        try:
            return self._folder.active_id()
        except ReleaseError:
            return None  # to activate one by its id mends it
