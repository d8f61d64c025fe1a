"""Heads that tell texts apart, against TF-IDF and a linear model: intents, sentiments, Chinese reviews.

python benchmarks/classify.py ../shared/datasets [--sets clinc,finance,zh] [--zh-model FOLDER] [--minutes 30]
    [--texts N] [--publish]

clinc: the published split with 250 questions of no intent to learn from ("oos_plus"); these are no class but found by
a threshold of the energy, or of the probability beside it, chosen on the validation part. finance: 5 folds. zh: 80 %
teach and 20 % are asked, by a model that benchmarks/pretrain.py --keep FOLDER made from scratch. `--minutes` is the
longest time of learning of each model; `--texts` cuts the training down.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from report import environment, publish, table

from aisle.encoders import load_classifier
from aisle.encoders.calibration import fit_threshold, macro_f1, probabilities
from aisle.encoders.finetuning.heads import STRANGER, Labelled
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.weights import model_folder
from aisle.evaluation.significance import compare, intervals
from aisle.pipelines.finetune_classify import (
    OUT_OF_SCOPE,
    TaughtHead,
    cuts_of,
    labelled_texts,
    linear_answers,
    save_classifier,
    teach_classifier,
)

MODEL = "all-MiniLM-L6-v2"
BASELINE = "TF-IDF + linear"
Answers = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with intent_clinc150, finance_sentiment and zh_ecommerce")
    parser.add_argument("--sets", default="clinc,finance,zh", help="parted by commas")
    parser.add_argument("--zh-model", type=Path, help="a Chinese model; without one, zh is left out")
    parser.add_argument("--minutes", type=float, default=30, help="longest time of learning of each model")
    parser.add_argument("--epochs", type=float, default=5)
    parser.add_argument("--rate", type=float, default=2e-4, help="learning rate")
    parser.add_argument("--dropout", type=float, default=0.1, help="of hidden values and of words")
    parser.add_argument("--texts", type=int, default=0, help="so many texts to learn from alone, to try the script")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} threads, no GPU"
    head = f"{environment()}, PyTorch {torch.__version__}, {where}"
    known = {"clinc": clinc, "finance": finance, "zh": zh}
    for name in asked.sets.split(","):
        if name == "zh" and asked.zh_model is None:
            print("zh is left out: --zh-model names no model; make one with benchmarks/pretrain.py --keep FOLDER")
            continue
        found = f"{head}\n\n{known[name](asked)}"
        print(found, flush=True)
        if asked.publish:
            publish(f"classify-{name}", found)


def recipe_of(asked: argparse.Namespace, **changes: Any) -> Recipe:
    told = {"method": "full", "learning_rate": asked.rate, "epochs": asked.epochs, "budget_s": asked.minutes * 60}
    told |= {"dropout": asked.dropout}
    return Recipe(**{**told, "checks": 5, "batch": 64, **changes})


def clinc(asked: argparse.Namespace) -> str:
    folder = asked.data / "intent_clinc150"
    frame = pl.read_parquet(folder / "clinc150_full.parquet")
    parts = (pl.read_parquet(folder / "clinc150_oos_plus_train.parquet"),)
    parts += tuple(frame.filter(pl.col("split") == name) for name in ("val", "test"))
    train, validation, test = (
        labelled_texts(part["text"].to_list(), part["intent"].to_list(), "oos") for part in parts
    )
    train = cut(train, asked.texts)
    started = time.perf_counter()
    taught = teach_classifier(model_folder(MODEL), train, validation, recipe_of(asked), progress)
    minutes = (time.perf_counter() - started) / 60
    linear = linear_answers(train, test.texts)
    known, asked_of = taught.logits(validation.texts), taught.logits(test.texts)
    likeliest, shares = asked_of.argmax(axis=1), probabilities(known).max(axis=1)
    inside, right = validation.targets != STRANGER, known.argmax(axis=1) == validation.targets
    least = fit_threshold(shares[inside], right[inside], shares[~inside], OUT_OF_SCOPE)
    answers = {
        BASELINE: linear,
        f"{MODEL}, the likeliest": likeliest,
        f"{MODEL}, by probability": np.where(probabilities(asked_of).max(axis=1) >= least, likeliest, STRANGER),
        f"{MODEL}, by energy": taught.classes(test.texts),
        f"{MODEL}, by energy, int8 as it is served": served(taught, test),
    }
    strange = test.targets == STRANGER
    rows = []
    for name, of in answers.items():
        right = (of == test.targets) * 1.0
        rows.append([name, share(right[~strange]), share(right), f"{(of == STRANGER)[strange].mean():.4f}"])
    p = compare((likeliest == test.targets)[~strange] * 1.0, (linear == test.targets)[~strange] * 1.0).p_randomised
    head = (
        f"intent_clinc150: {len(train):,} questions teach, {len(test):,} are asked, {int(strange.sum()):,} of them of "
        f"no intent; {minutes:.1f} minutes, {taught.ending}. Of an energy below {taught.trust.least_energy:.3f}: "
        "of no intent. Bars: >= .955 in scope by the likeliest intent, >= .937 of all by energy. "
        f"The likeliest intent against {BASELINE}: p {p:.3f}."
    )
    columns = ["", "accuracy in scope", "accuracy of all questions", "recall out of scope"]
    return f"{head}\n\n{table(columns, rows)}"


def served(taught: TaughtHead, test: Labelled) -> Answers:
    """The answers of the exported classifier."""
    with tempfile.TemporaryDirectory() as folder:
        save_classifier(Path(folder) / "intents", taught, test.classes, {})
        labels = load_classifier(Path(folder) / "intents", "int8").predict(test.texts)
    places = {name: place for place, name in enumerate(test.classes)} | {"": STRANGER}
    return np.array([places[label.name] for label in labels], np.int64)


def finance(asked: argparse.Namespace) -> str:
    frame = pl.read_parquet(asked.data / "finance_sentiment" / "financial_phrasebank_50agree.parquet")
    every = labelled_texts(frame["sentence"].to_list(), frame["label"].to_list())
    found = []
    for train, validation, test in cuts_of(np.arange(len(every)), 5, 0):
        parts = cut(every.of(train), asked.texts), every.of(validation), every.of(test)
        recipe = recipe_of(asked, item_tokens=64, batch=32, label_smoothing=0.1)
        taught = teach_classifier(model_folder(MODEL), *parts[:2], recipe, progress)
        found.append((parts[2].targets, linear_answers(parts[0], parts[2].texts), taught.classes(parts[2].texts)))
    truth, linear, own = (np.concatenate([one[place] for one in found]) for place in range(3))
    head = f"finance_sentiment: {len(every):,} sentences, each answered once, in 5 folds."
    return f"{head}\n\n{against(truth, {BASELINE: linear, MODEL: own})}"


def zh(asked: argparse.Namespace) -> str:
    frame = pl.read_parquet(asked.data / "zh_ecommerce" / "online_shopping_10_cats.parquet")
    frame = frame.filter(pl.col("review").str.strip_chars() != "").sample(fraction=1, shuffle=True, seed=0)
    parts = []
    for name, column in (("sentiment", "label"), ("category", "category")):
        every = labelled_texts(frame["review"].to_list(), frame[column].cast(pl.String).to_list())
        order = np.arange(len(every))
        test, validation, train = order[: len(order) // 5], *np.split(order[len(order) // 5 :], [len(order) // 20])
        taught, answers = one_task(asked, every, (train, validation, test))
        p = against(every.of(test).targets, answers)
        parts.append(
            f"zh_ecommerce, {name}: {len(train):,} reviews teach, {len(test):,} are asked; {taught.ending}.\n\n{p}"
        )
    return "\n\n".join(parts)


def one_task(
    asked: argparse.Namespace, every: Labelled, places: Sequence[NDArray[np.int64]]
) -> tuple[TaughtHead, dict[str, Answers]]:
    train, validation, test = (every.of(part) for part in places)
    train = cut(train, asked.texts)
    taught = teach_classifier(asked.zh_model, train, validation, recipe_of(asked, item_tokens=128), progress)
    return taught, {BASELINE: linear_answers(train, test.texts), "pre-trained here": taught.classes(test.texts)}


def cut(lessons: Labelled, n: int) -> Labelled:
    return lessons.of(np.random.default_rng(0).permutation(len(lessons))[:n]) if n else lessons


def against(truth: Answers, answers: Mapping[str, Answers]) -> str:
    """Accuracy and macro-F1 of each, and the paired test of its accuracy against the first."""
    base = next(iter(answers.values()))
    rows = []
    for name, of in answers.items():
        p = "" if of is base else f"{compare((of == truth) * 1.0, (base == truth) * 1.0).p_randomised:.3f}"
        rows.append([name, share((of == truth) * 1.0), f"{macro_f1(of, truth):.4f}", p])
    return table(["", "accuracy", "macro-F1", f"p against {next(iter(answers))}"], rows)


def share(right: NDArray[Any]) -> str:
    low, high = intervals({"": right.astype(np.float64)})[""]
    return f"{right.mean():.4f} ({low:.3f} to {high:.3f})"


def progress(step: Any, n_steps: int) -> None:
    if step.number % 50 == 0 or step.quality is not None:
        found = "" if step.quality is None else f", quality {step.quality:.4f}"
        print(f"step {step.number}/{n_steps}, loss {step.loss:.3f}{found}, {step.elapsed_s:.0f} s", flush=True)


if __name__ == "__main__":
    main()
