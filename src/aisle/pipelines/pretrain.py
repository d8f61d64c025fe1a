"""From a shop's texts to a language model that knows them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.corpus import Passage, file_passages, shop_passages, split
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.encoders.weights import located, model_folder
from aisle.errors import InputError
from aisle.pipelines.ingest import Progress
from aisle.store import Store

MODELS = "models"
"""The folder of a shop that its own models lie in."""


def pretrain(
    store: Store,
    folder: Path,
    plan: Pretraining,
    progress: Progress,
    *,
    name: str = "",
    texts: Sequence[str] = (),
    fresh: bool = False,
    tracking: Tracking = Tracking(),  # noqa: B008  a frozen value
) -> Pretrained:
    """Pre-train a language model on the items and searches in `store`, and on the files `texts`, as `plan` says.

    The model goes to models/NAME in the shop's `folder`; `name` is pretrained-masked or pretrained-causal
    by default. A run that was interrupted goes on, unless `fresh`. Raises InputError as `file_passages`,
    `split` and `aisle.encoders.pretraining.pretrain.pretrain` do.
    """
    from aisle.encoders.pretraining import pretrain as learning  # noqa: PLC0415  imports PyTorch

    name = name or f"pretrained-{plan.objective}"
    if Path(name).name != name or name.startswith("."):
        raise InputError(f"name={name!r}; expected the name of a folder, such as my-model")
    source = model_folder(located(plan.source, folder), "--from ") if plan.source else None
    progress("read", 0, 1)
    corpus = split(_passages(store, texts), plan.held_out, plan.seed)
    progress("read", 1, 1)
    return learning.pretrain(
        corpus,
        plan,
        folder / MODELS / name,
        source=source,
        fresh=fresh,
        tracking=tracking,
        progress=progress,
    )


def _passages(store: Store, texts: Sequence[str]) -> Iterator[Passage]:
    yield from shop_passages(store)
    for location in texts:
        yield from file_passages(location)
