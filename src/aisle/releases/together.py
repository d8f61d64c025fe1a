"""Activates a release on every server: those expected load it first, then all switch, or none does.

Two-phase commit (Gray, Notes on Data Base Operating Systems, 1978) with a deadline: the servers vote, the coordinator
decides. A server that is ready goes on with its old release until it reads the decision, so that a coordinator that
dies, or a storage that goes away, leaves everybody where they were.
"""

import time
from collections.abc import Callable
from contextlib import suppress

from aisle.errors import AisleError, AwayError, InputError, ReleaseError
from aisle.releases.activations import Activations, Expected, Proposal
from aisle.releases.storage import ReleaseStorage

LOOK_S = 0.2
"""Seconds between two looks for answers."""
Hear = Callable[[str, int, int], None]
"""Hears of the stage, how many servers are ready, and how many are expected."""
NOBODY = Expected()


def activate(
    storage: ReleaseStorage,
    release_id: str,
    expected: Expected = NOBODY,
    deadline_s: float = 60.0,
    hear: Hear = lambda *_: None,
) -> None:
    """Make a release of the storage run on every server that follows it.

    With `expected`, only when all of these have loaded it within `deadline_s` seconds; else ReleaseError says who has
    not, or refuses it and why, and nobody switches. Raises NotFoundError for a release that is not in the storage,
    ReleaseError while another activation is under way, and AwayError when the storage does not answer.
    """
    if not deadline_s > 0:
        raise InputError(f"deadline_s={deadline_s:g}; expected more than 0")
    storage.manifest(release_id)
    log = Activations(storage.objects)
    running = log.read().committed
    if running is None:
        before: tuple[str, ...] = ()
    elif running.release_id == release_id:
        before = running.previous
    else:
        before = (*running.previous, running.release_id)
    _vote(log, log.propose(release_id, before, expected, deadline_s), deadline_s, hear)


def rollback(storage: ReleaseStorage) -> str:
    """Make the release before the running one, if it is still in the storage, run on every server; its id."""
    log = Activations(storage.objects)
    running, known = log.read().committed, set(storage.ids())
    previous = list(running.previous) if running else []
    while previous:
        release_id = previous.pop()
        if release_id in known:
            _vote(log, log.propose(release_id, tuple(previous), NOBODY, 60.0), 60.0, lambda *_: None)
            return release_id
    raise InputError("there is no earlier release in the storage to roll back to; see aisle release list --remote")


def in_use(storage: ReleaseStorage) -> tuple[str, ...]:
    """The releases that must stay in the storage: what runs, what ran before it, and what is proposed."""
    state = Activations(storage.objects).read()
    running = (*state.committed.previous[-1:], state.committed.release_id) if state.committed else ()
    return (*running, state.open.release_id) if state.open else running


def active_id(storage: ReleaseStorage) -> str | None:
    """The release that runs on every server that follows the storage."""
    committed = Activations(storage.objects).read().committed
    return committed.release_id if committed else None


def _vote(log: Activations, proposal: Proposal, deadline_s: float, hear: Hear) -> None:
    """Wait for the answers, decide, and raise ReleaseError unless the decision is to commit."""
    try:
        reason = _reason_against(log, proposal, time.monotonic() + deadline_s, hear)
    except BaseException:
        with suppress(AisleError):
            log.decide(proposal, commit=False, reason="the coordinator was interrupted")
        raise
    try:
        committed = log.decide(proposal, commit=not reason, reason=reason)
    except AwayError as error:
        raise AwayError(
            f"{error}; whether release {proposal.release_id} runs is not known before it answers: "
            "see aisle release list --remote then"
        ) from error
    if not committed:
        reason = reason or "the deadline had passed"
        raise ReleaseError(f"release {proposal.release_id} is not activated, and nobody has switched: {reason}")


def _reason_against(log: Activations, proposal: Proposal, until: float, hear: Hear) -> str:
    """Why the release must not run; empty when all that are expected are ready."""
    expected, answers = proposal.expected, dict[str, str]()
    while True:
        with suppress(AwayError):  # it may come back before the deadline
            answers = log.answers(proposal)
        refused = [f"{name} refuses it: {reason}" for name, reason in answers.items() if reason]
        if refused:
            return "; ".join(refused)
        hear("activate", len(answers), expected.n_replicas)
        missing = expected.missing(answers)
        if not missing:
            return ""
        if time.monotonic() > until:
            return f"not ready before the deadline: {missing}"
        time.sleep(LOOK_S)
