"""From a shop's texts to a language model that knows them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from aisle.cluster import HERE, Place
from aisle.cluster.folders import Files, read_folder, write_folder
from aisle.cluster.place import Hear
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.corpus import Corpus, Passage, file_passages, shop_passages, split
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.encoders.weights import located, model_folder
from aisle.pipelines.ingest import Progress
from aisle.pipelines.own_models import MODELS, check_name
from aisle.store import Store


def pretrain(  # noqa: PLR0913  what is told by name
    store: Store,
    folder: Path,
    plan: Pretraining,
    progress: Progress,
    *,
    name: str = "",
    texts: Sequence[str] = (),
    fresh: bool = False,
    tracking: Tracking = Tracking(),  # noqa: B008  a frozen value
    place: Place = HERE,
    n_processes: int = 1,
) -> Pretrained:
    """Pre-train a language model on the items and searches in `store`, and on the files `texts`, as `plan` says.

    The model goes to models/NAME in the shop's `folder`; `name` is pretrained-masked or pretrained-causal
    by default. A run that was interrupted goes on, unless `fresh`; in a `place` elsewhere it begins anew when its
    machine is lost, and `n_processes` there learn together. Raises InputError as `file_passages`, `split` and
    `pretraining.pretrain.pretrain` do.
    """
    name = name or f"pretrained-{plan.objective}"
    check_name(name)
    source = model_folder(located(plan.source, folder), "--from ") if plan.source else None
    progress("read", 0, 1)
    corpus = split(_passages(store, texts), plan.held_out, plan.seed)
    progress("read", 1, 1)
    target = folder / MODELS / name
    if place is HERE:
        return _learn(corpus, plan, target, source, fresh, tracking, progress)
    from aisle.encoders.learning.checkpoints import new_folder  # noqa: PLC0415  imports PyTorch

    taken = read_folder(source) if source else {}

    def hear(stage: str, done: int, total: int, said: str) -> None:
        tracking.note(said)
        progress(stage, done, total)

    watched_there = replace(tracking, note=Tracking().note)
    result, files = place.run(_pretrain, corpus, plan, name, taken, watched_there, n_processes=n_processes, hear=hear)
    for made in sorted({Path(path).parts[0] for path in files}):
        inside = {
            path.removeprefix(f"{made}/"): content for path, content in files.items() if path.startswith(f"{made}/")
        }
        with new_folder(target.with_name(made)) as staging:
            write_folder(inside, staging)
    return replace(result, folder=target)


def _learn(
    corpus: Corpus,
    plan: Pretraining,
    target: Path,
    source: Path | None,
    fresh: bool,
    tracking: Tracking,
    progress: Progress,
) -> Pretrained:
    from aisle.encoders.pretraining import pretrain as learning  # noqa: PLC0415  imports PyTorch

    return learning.pretrain(corpus, plan, target, source=source, fresh=fresh, tracking=tracking, progress=progress)


def _pretrain(
    corpus: Corpus, plan: Pretraining, name: str, taken: Files, tracking: Tracking, tell: Hear
) -> tuple[Pretrained, dict[str, bytes]]:
    """What was made, and the files of the model and of who watched, on another machine."""
    said = ""

    def note(text: str) -> None:
        nonlocal said
        said = text

    with TemporaryDirectory() as folder:
        models, source = Path(folder) / MODELS, Path(folder) / "source" if taken else None
        if source:
            write_folder(taken, source)
        result = _learn(
            corpus,
            plan,
            models / name,
            source,
            False,
            replace(tracking, note=note),
            lambda stage, done, total: tell(stage, done, total, said),
        )
        return result, read_folder(models)


def _passages(store: Store, texts: Sequence[str]) -> Iterator[Passage]:
    yield from shop_passages(store)
    for location in texts:
        yield from file_passages(location)
