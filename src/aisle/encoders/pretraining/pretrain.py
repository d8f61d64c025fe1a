"""Pre-training from beginning to end: tokenizer, network, learning, and the folder that it leaves."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from aisle.encoders.learning.checkpoints import new_folder, seed_everything
from aisle.encoders.learning.devices import computed_with, device, mixed, moved
from aisle.encoders.learning.distributed import agreed, from_first, is_first, n_processes
from aisle.encoders.learning.loop import Course, Learned, Step, learn
from aisle.encoders.learning.tracking import Tracking, Watch, loss_curve, trackers, watched_by, write_history
from aisle.encoders.memory import free_memory
from aisle.encoders.pretraining.architecture import (
    be_quiet,
    count_parameters,
    embed_by_context,
    foretell_by_frequency,
    make_model,
    new_config,
    read_config,
    read_tokenizer,
)
from aisle.encoders.pretraining.causal import CausalObjective
from aisle.encoders.pretraining.corpus import Corpus
from aisle.encoders.pretraining.masked import MaskedObjective
from aisle.encoders.pretraining.objective import CHECKED_TOKENS, Objective
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.encoders.pretraining.tokenizer import train_tokenizer
from aisle.errors import InputError, MissingExtraError

N_CHECKS, PATIENCE = 20, 5
"""Checks of the held-out loss while a model learns, and how many without a better one end it early."""
N_CHECKPOINTS = 20
TIMED_STEPS = 8
COPIES = 5
"""Of each weight, in float32: itself, its gradient, the two means of AdamW, and the best so far."""
LEAST_COPIES = 2
"""In a process that holds a part of the weights: all of them at the start, and the part."""
USED_SHARE = 0.9
"""Of the minutes, for steps; the rest is for checks and checkpoints."""
ACTIVATION_BYTES = 80
"""Kept for the gradient, a token, dimension and layer: measured on BERT, attention left aside."""

Progress = Callable[[str, int, int], None]
"""Hears of the stage, how much of it is done, and how much there is in all."""


@dataclass(frozen=True, slots=True)
class Made:
    """What learns: a network with its tokenizer and what it is asked."""

    model: Any
    tokenizer: Any
    objective: Objective
    plan: Pretraining


def pretrain(
    corpus: Corpus,
    plan: Pretraining,
    target: Path,
    *,
    source: Path | None = None,
    fresh: bool = False,
    tracking: Tracking = Tracking(),  # noqa: B008  a frozen value
    progress: Progress = lambda *_: None,
) -> Pretrained:
    """Pre-train on `corpus`, from the model in `source` or anew, and leave the model in the folder `target`.

    What is not finished lies beside it, in TARGET.unfinished; run again with the same plan and corpus it
    goes on from the last checkpoint, exactly. With `fresh` it starts over. In several processes (see
    `learning.distributed`) all call it alike; the first writes, and tells of progress.

    Raises InputError for a source that cannot be used, a model that does not fit into memory, an
    unfinished run of another plan, a loss that is not finite from the start, and a full disk.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    if not is_first():
        tracking, progress = Tracking(), lambda *_: None
    elif fresh:
        shutil.rmtree(unfinished, ignore_errors=True)
    with told(progress, "prepare"):
        from_first(lambda: _check_same(unfinished, plan, corpus))
        made = _made(corpus, plan, source, unfinished)
        before = made.objective.held_out_loss(CHECKED_TOKENS)
        n_steps = _n_steps(unfinished, made.objective, plan, corpus)
    meter = _Meter(made.objective, n_steps, progress, tracking.note)
    with trackers(tracking, target.with_name(f"{target.name}.tracking"), asdict(plan)) as tracked:
        learned = _learned(made, plan, n_steps, unfinished, meter, tracked)
    with told(progress, "measure"):
        result = _result(made, corpus, learned, before, meter.tokens_per_s, target)
    with told(progress, "write"):
        if is_first():
            _write(result, made, learned)
            shutil.rmtree(unfinished, ignore_errors=True)
    return result


@contextmanager
def told(progress: Progress, stage: str) -> Iterator[None]:
    """Tell that a stage begins, and that it is done."""
    progress(stage, 0, 1)
    yield
    progress(stage, 1, 1)


class _Meter:
    """Counts what is learned from, and tells how it goes."""

    def __init__(self, objective: Objective, n_steps: int, progress: Progress, note: Callable[[str], None]) -> None:
        self.objective, self.n_steps, self.progress, self.note = objective, n_steps, progress, note
        self.n_tokens, self.began, self.checked = 0, perf_counter(), ""

    def loss_of(self, batch: Any) -> Any:
        self.n_tokens += self.objective.n_tokens(batch)
        return self.objective.loss_of(batch)

    def watch(self, step: Step) -> None:
        if step.quality is not None:
            self.checked = f", held-out {-step.quality:.3f}"
        self.note(f"loss {step.loss:.3f}{self.checked}, {self.tokens_per_s:,.0f} tokens/s")
        self.progress("learn", step.number, self.n_steps)

    @property
    def tokens_per_s(self) -> float:
        return self.n_tokens / (perf_counter() - self.began)


def _made(corpus: Corpus, plan: Pretraining, source: Path | None, unfinished: Path) -> Made:
    be_quiet()
    seed_everything(plan.seed)
    if source:
        config = read_config(source, plan.objective)
        tokenizer = read_tokenizer(source, plan.objective, config)
        longest = min(getattr(config, "max_position_embeddings", plan.max_tokens), tokenizer.model_max_length)
        reserved = config.pad_token_id + 1 if config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
        plan = replace(plan, max_tokens=min(plan.max_tokens, longest - reserved))
    else:
        tokenizer = from_first(lambda: _own_tokenizer(corpus, plan, unfinished))
        config = new_config(plan.objective, plan.size, tokenizer, plan.max_tokens)
    copies = max(LEAST_COPIES, COPIES / n_processes()) if plan.shard else COPIES
    _check_memory(count_parameters(config, plan.objective), copies, _activations(config, plan) // n_processes())
    model, new = make_model(config, plan.objective, source)
    kind = MaskedObjective if plan.objective == "masked" else CausalObjective
    objective = kind(model, tokenizer, corpus, plan)
    if new:
        foretell_by_frequency(model, objective.log_shares)
    if not source:
        embed_by_context(model, objective.texts, plan.seed)
    objective.network.to(device()).eval()
    return Made(model, tokenizer, objective, plan)


def _own_tokenizer(corpus: Corpus, plan: Pretraining, unfinished: Path) -> Any:
    """The tokenizer learned from the corpus, or the one that an interrupted run has learned."""
    from transformers import AutoTokenizer  # noqa: PLC0415  seconds to import

    folder = unfinished / "tokenizer"
    if folder.exists():
        return AutoTokenizer.from_pretrained(folder)
    texts = (passage.text for passage in corpus.learned)
    tokenizer = train_tokenizer(texts, plan.objective, plan.vocabulary, plan.max_tokens)
    with new_folder(folder) as staging:
        tokenizer.save_pretrained(staging)
    return tokenizer


def _check_memory(n_parameters: int, copies: float, activations: int) -> None:
    """Raise InputError when a network of so many weights, and a batch of so many bytes, do not fit while they learn.

    Processes of one machine share its memory, unless they have a graphics card each.
    """
    needed = int(4 * copies * n_parameters) + activations
    free = torch.cuda.mem_get_info()[0] if device().type == "cuda" else free_memory() // n_processes()
    if free and needed > free:
        raise InputError(
            f"a model of {n_parameters:,} weights needs about {needed / 1e9:.1f} GB to learn, and {free / 1e9:.1f} GB "
            "of memory are free; choose a smaller model (--size, --vocabulary) or a smaller batch (--batch-tokens)"
        )


def _activations(config: Any, plan: Pretraining) -> int:
    """About how many bytes a batch takes: those kept for the gradient, and the logits with theirs."""
    foretold = plan.masked_share if plan.objective == "masked" else 1.0
    of_layers = ACTIVATION_BYTES * config.num_hidden_layers * config.hidden_size
    return int(plan.batch_tokens * (of_layers + foretold * 12 * config.vocab_size))


def _n_steps(unfinished: Path, objective: Objective, plan: Pretraining, corpus: Corpus) -> int:
    """How many steps are to be taken; an interrupted run has decided it."""
    kept = from_first(lambda: _kept_plan(unfinished))
    if kept:
        return int(kept["steps"])
    n_steps = plan.steps or int(agreed(_steps_within(objective, plan)))
    from_first(lambda: _keep_plan(unfinished, plan, corpus, n_steps))
    return n_steps


def _kept_plan(unfinished: Path) -> dict[str, Any] | None:
    path = unfinished / "plan.json"
    kept: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.exists() else None
    return kept


def _keep_plan(unfinished: Path, plan: Pretraining, corpus: Corpus, n_steps: int) -> None:
    told = {"plan": asdict(plan), "corpus": corpus.fingerprint, "steps": n_steps}
    with new_folder(unfinished / "plan") as staging:
        (staging / "plan.json").write_text(json.dumps(told, indent=1), "utf-8")
    (unfinished / "plan" / "plan.json").replace(unfinished / "plan.json")
    (unfinished / "plan").rmdir()


def _steps_within(objective: Objective, plan: Pretraining) -> int:
    """Steps that fit into the plan's minutes, by the time that a few take without changing the network."""
    where = device()
    dtype, times = computed_with(plan.precision, where), []
    for _, batch in zip(range(TIMED_STEPS), objective.batches(0), strict=False):
        began = perf_counter()
        with mixed(dtype, where):
            loss = objective.loss_of(moved(batch, where))
        loss.backward()  # type: ignore[no-untyped-call]
        float(loss.detach())
        times.append(perf_counter() - began)
    objective.network.zero_grad(set_to_none=True)
    return max(1, int(USED_SHARE * 60 * plan.minutes * len(times) / sum(times)))


def _check_same(unfinished: Path, plan: Pretraining, corpus: Corpus) -> None:
    kept = _kept_plan(unfinished)
    if kept is None:
        shutil.rmtree(unfinished, ignore_errors=True)  # a tokenizer, of texts and a size that nobody knows any more
        return
    now = asdict(plan)
    changed = [name for name, value in kept["plan"].items() if name != "shard" and now.get(name) != value]
    if kept["corpus"] != corpus.fingerprint:
        changed.append("the texts")
    if changed:
        raise InputError(
            f"{unfinished} holds a run that is not finished and was begun otherwise ({', '.join(changed)} differ); "
            "run it with the same options to go on, or with --fresh to start over"
        )


def _learned(made: Made, plan: Pretraining, n_steps: int, unfinished: Path, meter: _Meter, tracked: Watch) -> Learned:
    course = Course(
        steps=n_steps,
        learning_rate=plan.highest_rate,
        precision=plan.precision,
        check_every=max(1, n_steps // N_CHECKS),
        patience=PATIENCE,
        save_every=max(1, n_steps // N_CHECKPOINTS),
        seed=plan.seed,
        budget_s=float("inf") if plan.steps else 60 * plan.minutes,
        shard=plan.shard,
    )
    objective = made.objective
    return learn(
        objective.network,
        objective.batches,
        meter.loss_of,
        course,
        quality=lambda: -objective.held_out_loss(CHECKED_TOKENS),
        folder=unfinished,
        watch=watched_by(meter.watch, tracked),
    )


def _result(
    made: Made, corpus: Corpus, learned: Learned, before: float, tokens_per_s: float, target: Path
) -> Pretrained:
    objective = made.objective
    return Pretrained(
        folder=target,
        n_texts=len(corpus.learned),
        n_tokens=len(objective.texts.flat),
        n_parameters=sum(weight.numel() for weight in made.model.parameters()),
        n_steps=len(learned.steps),
        unigram_loss=objective.unigram_loss(),
        loss_before=before,
        loss_after=objective.held_out_loss(),
        pairs_right=objective.pairs_right(),
        tokens_per_s=tokens_per_s,
        elapsed_s=learned.steps[-1].elapsed_s,
        ending=learned.ending,
        resumed_from=learned.resumed_from,
    )


def _write(result: Pretrained, made: Made, learned: Learned) -> None:
    plan = made.plan
    info = {
        "made_by": "aisle pretrain",
        "pooling": "mean" if plan.objective == "masked" else "last",
        "query_prefix": "",
        "item_prefix": "",
        "max_tokens": plan.max_tokens,
        "plan": asdict(plan),
        "result": {name: value for name, value in asdict(result).items() if name != "folder"},
    }
    with new_folder(result.folder) as staging:
        made.model.to("cpu").save_pretrained(staging)
        made.tokenizer.save_pretrained(staging)
        (staging / "aisle.json").write_text(json.dumps(info, indent=1), "utf-8")
        write_history(learned, staging / "history.json", unigram_loss=result.unigram_loss)
        with suppress(MissingExtraError):  # history.json has the numbers, and the model matters more than its picture
            loss_curve(learned, staging / "loss.png")
