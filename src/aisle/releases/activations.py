"""Which release runs on every machine: a numbered log in the storage, and the vote before an entry.

activations/00000007/proposal.json       which release, who is expected to be ready, until when
activations/00000007/answer-NAME.json    one of the servers has loaded it, or refuses it and says why
activations/00000007/decision.json       commit or abort; written once, and what stands there holds
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson

from aisle.errors import InputError, ReleaseError
from aisle.releases.objects import Objects

FOLDER = "activations"
KEPT = 20
"""Entries of the log that stay."""
MAX_PREVIOUS = 20


@dataclass(frozen=True, slots=True)
class Expected:
    """Who must be ready before a release is committed: so many servers, whoever they are, or those of these names."""

    n_replicas: int = 0
    names: tuple[str, ...] = ()

    def asks(self, name: str) -> bool:
        """Whether this server's answer counts."""
        return name in self.names if self.names else self.n_replicas > 0

    def missing(self, ready: Mapping[str, str]) -> str:
        """Who has not answered yet, in words; empty when all have."""
        if self.names:
            return ", ".join(name for name in self.names if name not in ready)
        lacking = self.n_replicas - len(ready)
        return f"{lacking} of {self.n_replicas} servers" if lacking > 0 else ""


def parse_expected(text: str) -> Expected:
    """The servers of `--replicas`: a number, or names parted by commas. Raises InputError.

    >>> parse_expected("3").n_replicas
    3
    >>> parse_expected("web-1, web-2").names
    ('web-1', 'web-2')
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or names == ("0",):
        raise InputError(f"replicas={text!r}; expected how many servers, or their names: 3, or web-1,web-2")
    if len(names) == 1 and names[0].isdigit():
        return Expected(int(names[0]))
    return Expected(len(set(names)), names)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A release that shall run everywhere from now on."""

    number: int
    release_id: str
    previous: tuple[str, ...]
    """The releases that ran before it, the latest last: what a rollback returns to."""
    expected: Expected
    deadline: datetime
    token: str
    """Tells two proposals apart that were made at the same moment."""

    def to_json(self) -> bytes:
        """As it lies in the storage."""
        return orjson.dumps(asdict(self))

    @classmethod
    def parse(cls, content: bytes) -> "Proposal":
        """What `to_json` wrote. Raises ReleaseError when it is damaged."""
        try:
            data: dict[str, Any] = orjson.loads(content)
            who = data["expected"]
            return cls(
                int(data["number"]),
                str(data["release_id"]),
                tuple(data["previous"]),
                Expected(int(who["n_replicas"]), tuple(who["names"])),
                datetime.fromisoformat(data["deadline"]),
                str(data["token"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"a proposal in the storage of releases is damaged: {error}; activate again") from error

    @property
    def expired(self) -> bool:
        """Whether its deadline has passed, by the clock of this machine."""
        return datetime.now(UTC) > self.deadline


@dataclass(frozen=True, slots=True)
class State:
    """What stands in the log."""

    last: int
    """The number of the last entry; 0 before the first."""
    committed: Proposal | None
    """What runs."""
    open: Proposal | None
    """What is proposed and not decided."""


class Activations:
    """The log in a storage. Every method raises AwayError and SettingsError as `Objects` does."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._decided: dict[int, tuple[Proposal, bool]] = {}

    def read(self) -> State:
        """What stands in the log now."""
        names = set(self._objects.sizes(FOLDER))
        numbers = sorted((int(name.split("/")[1]) for name in names if name.endswith("/proposal.json")), reverse=True)
        last, open_ = max(numbers, default=0), None
        for number in numbers:
            if f"{_folder(number)}/decision.json" not in names:
                open_ = self._proposal(number) if number == last else open_
                continue
            proposal, commit = self._entry(number)
            if commit:
                return State(last, proposal, open_)
        return State(last, None, open_)

    def propose(self, release_id: str, previous: tuple[str, ...], expected: Expected, deadline_s: float) -> Proposal:
        """Begin the activation of a release. Raises ReleaseError while another one is under way.

        One that was left behind by a coordinator that is gone is aborted first, once its deadline has passed.
        """
        state = self.read()
        if state.open is not None:
            if not state.open.expired:
                raise ReleaseError(
                    f"release {state.open.release_id} is being activated until {state.open.deadline:%H:%M:%S} UTC; wait"
                )
            self.decide(state.open, commit=False, reason="nobody decided before the deadline")
        until = datetime.now(UTC) + timedelta(seconds=deadline_s)
        fresh = Proposal(state.last + 1, release_id, previous[-MAX_PREVIOUS:], expected, until, uuid4().hex)
        if self._settle(f"{_folder(fresh.number)}/proposal.json", fresh.to_json()) != fresh.to_json():
            raise ReleaseError("another activation began at this moment; try again")
        return fresh

    def answer(self, proposal: Proposal, name: str, reason: str = "") -> None:
        """Say that the server `name` is ready, or, with a reason, that it refuses."""
        self._objects.write(f"{_folder(proposal.number)}/answer-{name}.json", orjson.dumps({"reason": reason}))

    def answers(self, proposal: Proposal) -> dict[str, str]:
        """The reason of each server that has answered; empty for those that are ready."""
        found = {}
        for name in self._objects.sizes(_folder(proposal.number)):
            if match := re.search(r"/answer-(.+)\.json$", name):
                found[match[1]] = str(orjson.loads(self._objects.read(name) or b'{"reason": "gone"}')["reason"])
        return {name: reason for name, reason in found.items() if proposal.expected.asks(name)}

    def decide(self, proposal: Proposal, *, commit: bool, reason: str = "") -> bool:
        """Decide once and for all; whether what stands then is a commit, which somebody else may have decided."""
        wanted = {"commit": commit, "reason": reason, "at": datetime.now(UTC)}
        standing = self._settle(f"{_folder(proposal.number)}/decision.json", orjson.dumps(wanted))
        self._forget(proposal.number)
        return bool(orjson.loads(standing)["commit"])

    def _settle(self, name: str, content: bytes) -> bytes:
        """Write an object unless there is one; what stands there."""
        if self._objects.create(name, content):
            return content
        return self._objects.read(name) or content

    def _proposal(self, number: int) -> Proposal:
        return Proposal.parse(self._objects.read(f"{_folder(number)}/proposal.json") or b"")

    def _entry(self, number: int) -> tuple[Proposal, bool]:
        """A decided entry, which never changes again."""
        if number not in self._decided:
            decision = orjson.loads(self._objects.read(f"{_folder(number)}/decision.json") or b"{}")
            self._decided[number] = self._proposal(number), bool(decision.get("commit"))
        return self._decided[number]

    def _forget(self, number: int) -> None:
        """Remove old entries; never the one that runs, nor those after it."""
        state = self.read()
        oldest = min(number - KEPT, state.committed.number if state.committed else 0)
        for name in self._objects.sizes(FOLDER):
            if int(name.split("/")[1]) < oldest:
                self._objects.delete(name)


def _folder(number: int) -> str:
    return f"{FOLDER}/{number:08d}"
