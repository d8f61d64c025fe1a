"""A head learns to tell texts apart: intents, categories, sentiments; or to say a number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.encoders.calibration import Trust, energies, fit_temperature, fit_threshold, macro_f1
from aisle.encoders.finetuning.adaptation import n_trainable
from aisle.encoders.finetuning.heads import (
    STRANGER,
    Head,
    Labelled,
    adapted_head,
    check_labelled,
    merged_head,
    teach_head,
)
from aisle.encoders.finetuning.loading import load_classifier_network
from aisle.encoders.finetuning.pace import Watch
from aisle.encoders.finetuning.reading import encode_all
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.saving import save_model
from aisle.encoders.learning.checkpoints import seed_everything
from aisle.encoders.weights import located, model_folder
from aisle.errors import InputError, nearest
from aisle.pipelines.build import Progress
from aisle.pipelines.finetuned import R2, Finetuned, FinetunePlan, Quality, quality_of, told
from aisle.pipelines.lessons import HELD_OUT, groups_of, watched
from aisle.pipelines.own_models import MODELS
from aisle.store import Store
from aisle.types import Rows, Vectors

OUT_OF_SCOPE = 0.2
"""Share of the texts that the threshold expects to be out of scope, where there is an example of such."""
READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": lambda path: pl.read_csv(path, infer_schema=False),
    ".parquet": pl.read_parquet,
    ".jsonl": pl.read_ndjson,
    ".ndjson": pl.read_ndjson,
}


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """A classifier that has learned, or a model of numbers."""

    head: Head
    tokenizer: Any
    longest: int
    """Tokens that it reads of a text."""
    trust: Trust
    mean: float
    deviation: float
    """Of the numbers that it learned; the model itself says how many of these a text is away from the mean."""
    n_trainable: int
    n_weights: int
    ending: str

    def logits(self, texts: tuple[str, ...]) -> Vectors:
        """(n, n_outputs) float32, what the model itself says."""
        return encode_all(self.head, self.tokenizer, [self.head.prefix + text for text in texts], self.longest)

    def classes(self, texts: tuple[str, ...]) -> NDArray[np.int64]:
        """(n,) the class of each text, or STRANGER."""
        logits = self.logits(texts)
        return np.where(self.trust.inside(logits), logits.argmax(axis=1), STRANGER)

    def values(self, texts: tuple[str, ...]) -> NDArray[np.float64]:
        """(n,) the number of each text."""
        return self.logits(texts)[:, 0].astype(np.float64) * self.deviation + self.mean


def teach_classifier(
    source: Path, train: Labelled, validation: Labelled, recipe: Recipe, watch: Watch | None = None
) -> TaughtHead:
    """The model in `source` with a new head, taught on `train`, stopped by macro-F1 (of numbers: mean squared error).

    The temperature is fitted on `validation`, and so is the threshold where it has texts out of scope.
    """
    check_labelled(train)
    names = dict(enumerate(train.classes)) or {0: "value"}
    kind = "single_label_classification" if train.classes else "regression"
    seed_everything(recipe.seed)  # a new head is drawn by chance
    model, tokenizer = load_classifier_network(
        source,
        len(names),
        recipe.method,
        shard=recipe.shard,
        id2label=names,
        label2id={name: number for number, name in names.items()},
        problem_type=kind,
    )
    head = adapted_head(model, tokenizer, recipe)
    counted = n_trainable(head)
    longest = recipe.item_tokens + (recipe.n_prompts if head.prefix else 0)
    mean, deviation = _scale(train)
    inside = validation.of(np.flatnonzero(validation.targets != STRANGER)) if train.classes else validation
    texts = [head.prefix + text for text in inside.texts]

    def quality() -> float:
        logits = encode_all(head, tokenizer, texts, longest)
        if train.classes:
            return macro_f1(logits.argmax(axis=1), inside.targets)
        return -float(((logits[:, 0] - (inside.targets - mean) / deviation) ** 2).mean())

    lessons = train if train.classes else Labelled(train.texts, ((train.targets - mean) / deviation).astype(np.float32))
    learned = teach_head(head, tokenizer, lessons, _longer(recipe, longest), quality, watch)
    plain = Head(merged_head(head), head.prefix).eval()
    taught = TaughtHead(plain, tokenizer, longest, Trust(), mean, deviation, *counted, learned.ending)
    return _trusted(taught, validation) if train.classes else taught


def finetune_classify(store: Store, folder: Path, plan: FinetunePlan, progress: Progress) -> Finetuned:
    """Fine-tune a head on a file of texts, or on the shop's items by category; see `finetune`.

    Before is a linear model over TF-IDF, learned from the same texts.
    """
    labelled, groups = read_labelled(plan) if plan.texts else item_categories(store)
    check_labelled(labelled)
    source = model_folder(located(plan.model, folder), "--from")
    cuts = cuts_of(groups, plan.folds, plan.recipe.seed)
    answers: list[tuple[Labelled, NDArray[Any], NDArray[Any]]] = []
    for number, (train, validation, test) in enumerate(cuts, 1):
        stage = "learn" if len(cuts) == 1 else f"learn, fold {number}"
        parts = labelled.of(train), labelled.of(validation), labelled.of(test)
        taught = teach_classifier(source, *parts[:2], plan.recipe, watched(progress, stage))
        own = taught.classes(parts[2].texts) if labelled.classes else taught.values(parts[2].texts)
        answers.append((parts[2], linear_answers(parts[0], parts[2].texts), own))
    if len(cuts) > 1:
        train, validation, _ = cuts_of(groups, 1, plan.recipe.seed)[0]
        again = labelled.of(train), labelled.of(validation)
        taught = teach_classifier(source, *again, plan.recipe, watched(progress, "learn, for keeps"))
    quality, extra = judged(answers)
    name = f"{MODELS}/{plan.chosen_name}"
    done = Finetuned(
        folder / name,
        "classify",
        {},
        quality,
        len(train),
        taught.n_trainable,
        taught.n_weights,
        taught.ending,
        extra,
    )
    save_classifier(done.folder, taught, labelled.classes, told(plan, done, folder))
    return done


def save_classifier(folder: Path, taught: TaughtHead, classes: tuple[str, ...], more: Mapping[str, Any]) -> None:
    """Write what `load_classifier` reads, and `more`, into `folder`. Raises InputError as `save_model` does."""
    info = {
        "kind": "classifier",
        "classes": list(classes),
        "temperature": taught.trust.temperature,
        "least_energy": taught.trust.least_energy,
        "mean": taught.mean,
        "deviation": taught.deviation,
        "item_prefix": taught.head.prefix,
        "max_tokens": taught.longest,
    }
    save_model(folder, taught.head.model, taught.tokenizer, {**info, **more})


def read_labelled(plan: FinetunePlan) -> tuple[Labelled, Rows]:
    """The texts and labels of `plan.texts`, and which texts are the same; see `cuts_of`.

    Rows without a text or label are passed over. Raises InputError when the file cannot be read or lacks a column, when
    numbers are asked for and something else is found, and when no text is out of scope though a label for it is given.
    """
    path = Path(plan.texts)
    reader = READERS.get(path.suffix)
    if reader is None:
        raise InputError(f"{path} is of no known kind; expected one of {', '.join(READERS)}")
    try:
        frame = reader(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    for column, option in ((plan.text, "--text"), (plan.label, "--label")):
        if column not in frame.columns:
            raise InputError(f"{option} {column}: {path} has no such column; {nearest(column, frame.columns)}")
    frame = frame.select(text=pl.col(plan.text).cast(pl.String), label=pl.col(plan.label).cast(pl.String)).drop_nulls()
    frame = frame.filter(pl.all_horizontal(pl.col("text", "label").str.strip_chars() != ""))
    texts, labels = frame["text"].to_list(), frame["label"].to_list()
    groups = groups_of(texts, [""] * len(texts))
    if plan.numbers:
        numbers = frame["label"].cast(pl.Float32, strict=False)
        if not numbers.is_finite().fill_null(value=False).all():
            raise InputError(f"--numbers, but the column {plan.label} of {path} holds labels that are no numbers")
        return Labelled(tuple(texts), numbers.to_numpy()), groups
    if plan.out_of_scope and plan.out_of_scope not in labels:
        raise InputError(
            f"--out-of-scope {plan.out_of_scope}: no text of {path} has this label; "
            f"{nearest(plan.out_of_scope, sorted(set(labels)))}"
        )
    return labelled_texts(texts, labels, plan.out_of_scope), groups


def labelled_texts(texts: list[str], labels: list[str], out_of_scope: str = "") -> Labelled:
    """Texts with labels; the classes are the labels in alphabetical order, `out_of_scope` is none of them."""
    classes = tuple(sorted(set(labels) - ({out_of_scope} if out_of_scope else set())))
    places = {name: number for number, name in enumerate(classes)}
    return Labelled(tuple(texts), np.array([places.get(label, STRANGER) for label in labels], np.int64), classes)


def item_categories(store: Store) -> tuple[Labelled, Rows]:
    """Titles of the shop's items, by the last part of their category, and which are variants; see `cuts_of`."""
    found = [item for item in store.items() if item.category]
    titles = [item.title for item in found]
    groups = groups_of(titles, [item.group_id for item in found])
    return labelled_texts(titles, [item.category[-1] for item in found]), groups


def cuts_of(groups: Rows, folds: int, seed: int) -> list[tuple[Rows, Rows, Rows]]:
    """Places of (train, validation, test): 80, 10 and 10 %, or `folds` cuts whose tests are all texts.

    Texts with the same number in (n,) `groups`, from 0, are in one part: the same text, or variants of one product,
    would be learned by heart. Raises InputError when a part would be empty.
    """
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1]) if len(groups) else []
    order = np.random.default_rng(seed).permutation(len(members))
    tests = np.array_split(order, folds) if folds > 1 else [order[: max(1, round(len(order) * HELD_OUT))]]
    cuts = []
    for test in tests:
        rest = order[~np.isin(order, test)]
        n_validation = max(1, round(len(rest) * HELD_OUT))
        cuts.append((rest[n_validation:], rest[:n_validation], test))
    if min(len(part) for cut in cuts for part in cut) < 1:
        raise InputError(f"{len(members)} different texts are too few to learn from and to measure on; give hundreds")
    whole = [tuple(np.concatenate([members[group] for group in part]) for part in cut) for cut in cuts]
    return cast(list[tuple[Rows, Rows, Rows]], whole)


def linear_answers(train: Labelled, texts: tuple[str, ...]) -> NDArray[Any]:
    """What a linear model over TF-IDF of words and letters says: logistic regression, or ridge for numbers."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  a second to import
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    known = train.of(np.flatnonzero(train.targets != STRANGER)) if train.classes else train
    model = LogisticRegression(C=10, max_iter=1_000) if train.classes else Ridge()
    made = make_pipeline(make_union(words, letters), model).fit(list(known.texts), known.targets)
    return np.asarray(made.predict(list(texts)))


def judged(answers: list[tuple[Labelled, NDArray[Any], NDArray[Any]]]) -> tuple[Quality, dict[str, float]]:
    """Accuracy of linear and own answers, text by text; of numbers 1 - error^2 / variance, whose mean is R^2."""
    truth = np.concatenate([test.targets for test, _, _ in answers])
    linear, own = np.concatenate([one for _, one, _ in answers]), np.concatenate([one for _, _, one in answers])
    baseline = "TF-IDF + linear"
    if not answers[0][0].classes:
        spread = max(1e-12, float(truth.var()))
        return quality_of(R2, baseline, 1 - (linear - truth) ** 2 / spread, 1 - (own - truth) ** 2 / spread), {}
    quality = quality_of("accuracy", baseline, (linear == truth).astype(np.float64), (own == truth).astype(np.float64))
    extra = {"macro-F1": macro_f1(own, truth), f"macro-F1, {baseline}": macro_f1(linear, truth)}
    strange = truth == STRANGER
    if strange.any():
        extra["accuracy in scope"] = float((own == truth)[~strange].mean())
        extra["recall out of scope"] = float((own == STRANGER)[strange].mean())
    return quality, extra


def _trusted(taught: TaughtHead, validation: Labelled) -> TaughtHead:
    """With the temperature of the validation part, and the threshold where it has texts out of scope."""
    strange = validation.targets == STRANGER
    logits = taught.logits(validation.texts)
    temperature = fit_temperature(logits[~strange], validation.targets[~strange])
    sure, right = energies(logits), logits.argmax(axis=1) == validation.targets
    least = fit_threshold(sure[~strange], right[~strange], sure[strange], OUT_OF_SCOPE) if strange.any() else None
    return replace(taught, trust=Trust(temperature, least))


def _scale(lessons: Labelled) -> tuple[float, float]:
    if lessons.classes:
        return 0.0, 1.0
    return float(lessons.targets.mean()), max(1e-6, float(lessons.targets.std()))


def _longer(recipe: Recipe, longest: int) -> Recipe:
    return replace(recipe, item_tokens=longest)
