import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

import aisle
from aisle.encoders import load_classifier
from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.errors import InputError
from aisle.pipelines.finetune import use
from aisle.pipelines.finetune_classify import cuts_of, read_labelled
from aisle.pipelines.finetune_search import CHECKED_ITEMS, NEAR, checked_rows, same_share
from aisle.pipelines.finetuned import FinetunePlan, quality_of
from aisle.pipelines.lessons import folds_of, groups_of, ndcg, read_catalogue, shop_pairs, user_pairs
from aisle.pipelines.own_models import origin
from aisle.settings import load_settings, with_setting
from aisle.shop import Shop
from aisle.types import Event, Item, Judgment

THINGS = ("lamp", "mug", "cable", "jacket", "hose")
WORDS = ("blue", "warm", "desk", "garden", "winter", "coffee")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def shop(tmp_path: Path, tiny_model: Path) -> Any:
    """Thirty things, each with a query whose words never stand in its title, and a tiny encoder."""
    made = aisle.init(tmp_path / "shop")
    items = [Item(f"{word}-{thing}", f"{word} {thing}", category=(thing,)) for thing in THINGS for word in WORDS]
    made.store.upsert_items(items)
    made.store.upsert_judgments(
        Judgment(f"{thing[0]}{thing[-1]} {word}", item.item_id, 3 if item.item_id == f"{word}-{thing}" else 1)
        for thing in THINGS
        for word in WORDS
        for item in items
        if item.title.endswith(thing)
    )
    made.close()
    file = made.folder / "aisle.toml"
    file.write_text(with_setting(file.read_text("utf-8"), "encoder.model", str(tiny_model)), "utf-8")
    opened = aisle.open(made.folder)
    yield opened
    opened.close()


def recipe(**changes: Any) -> Recipe:
    told = {"method": "full", "learning_rate": 3e-3, "epochs": 8, "batch": 32, "checks": 2}
    return Recipe(**{**told, **changes})


def test_a_tuned_encoder_is_better_and_a_build_takes_it_up(shop: Shop, tiny_model: Path) -> None:
    done = shop.finetune(FinetunePlan(recipe=recipe(epochs=20), folds=2))
    assert (done.folder, done.quality.n) == (shop.folder / "models" / "search", 30)
    assert done.quality.after > done.quality.before
    assert done.quality.comparison.difference == pytest.approx(done.quality.after - done.quality.before)
    told = json.loads((done.folder / "aisle.json").read_text("utf-8"))
    assert (told["kind"], told["pooling"], told["max_tokens"], told["from"]) == (
        "encoder",
        "mean",
        128,
        str(tiny_model),
    )
    assert told["quality"]["after"] == done.quality.after
    assert told["command"].startswith("aisle finetune --task search --method full")
    assert use(shop.folder, done)
    settings = load_settings(shop.folder / "aisle.toml")
    assert settings.encoder.model == "models/search"
    assert settings.search.min_cosine == done.settings["search.min_cosine"]
    again = aisle.open(shop.folder)
    assert again.build().encoder.endswith("models/search (int8)")
    assert origin("models/search", shop.folder) == str(tiny_model)
    again.close()


def test_learning_on_is_measured_by_what_it_has_not_seen_and_learning_anew_begins_at_the_origin(
    shop: Shop, tiny_model: Path
) -> None:
    first = shop.finetune(FinetunePlan(recipe=recipe(epochs=20)))
    assert use(shop.folder, first)
    again = aisle.open(shop.folder)
    # begun anew from the same model it learns the same, and the least cosine stays where it is
    anew = again.finetune(FinetunePlan(recipe=recipe(epochs=20), name="anew"))
    assert anew.settings["search.min_cosine"] == pytest.approx(first.settings["search.min_cosine"], abs=0.02)
    again.finetune(FinetunePlan(model="models/anew", recipe=recipe(epochs=1), name="search"))
    again.finetune(FinetunePlan(model="models/search", recipe=recipe(epochs=1), name="anew"))
    assert origin("models/search", shop.folder) == origin("models/anew", shop.folder) == str(tiny_model)
    for task, change, folds in (("search", {"seed": 1}, 1), ("rerank", {}, 2)):
        plan = FinetunePlan(task, "models/search", recipe=recipe(**change), folds=folds)  # type: ignore[arg-type]
        with pytest.raises(InputError, match=r"use --seed 0 and no --folds, or start --from .*tiny"):
            again.finetune(plan)
    again.close()


def test_learned_words_learn_on_and_no_setting_takes_their_place(shop: Shop) -> None:
    plan = FinetunePlan(recipe=recipe(method="prompt", epochs=1, n_prompts=2))
    shop.finetune(plan)
    again = shop.finetune(replace(plan, model="models/search", name="more"))
    told = json.loads((again.folder / "aisle.json").read_text("utf-8"))
    assert (told["query_prefix"], told["item_prefix"]) == ("[Q0][Q1]", "[I0][I1]")
    file = shop.folder / "aisle.toml"
    file.write_text(with_setting(file.read_text("utf-8"), "encoder.query_prefix", "query: "), "utf-8")
    prefixed = aisle.open(shop.folder)
    with pytest.raises(InputError, match='set both to "auto", or use lora'):
        prefixed.finetune(plan)
    prefixed.close()


def test_more_leading_dimensions_than_a_vector_has_are_an_input_error(shop: Shop) -> None:
    with pytest.raises(InputError, match=r"dims=\(9999,\), but a vector of .* has"):
        shop.finetune(FinetunePlan(recipe=recipe(dims=(9999,))))


def test_a_plan_is_told_as_the_command_that_asks_for_it() -> None:
    assert FinetunePlan(recipe=Recipe(budget_s=600)).command == (
        "aisle finetune --task search --method lora --name search --loss contrastive --minutes 10"
    )
    plan = FinetunePlan(
        "classify", "my model", texts="a b.csv", numbers=True, folds=3, recipe=Recipe(budget_s=60, dropout=0.1, seed=7)
    )
    assert plan.command == (
        "aisle finetune --task classify --method lora --name classify --minutes 1 --from 'my model' --texts 'a b.csv' "
        "--text text --label label --numbers --folds 3 --dropout 0.1 --seed 7"
    )


def test_words_and_meaning_teach_where_nobody_judged(shop: Shop) -> None:
    done = shop.finetune(FinetunePlan(recipe=recipe(loss="soft-contrastive", epochs=20), folds=2))
    assert done.quality.after > done.quality.before


def test_nothing_uses_a_model_that_is_no_better(shop: Shop) -> None:
    before = (shop.folder / "aisle.toml").read_text("utf-8")
    done = shop.finetune(FinetunePlan(recipe=recipe(learning_rate=1e-9, epochs=1), name="same"))
    assert done.quality.after == pytest.approx(done.quality.before)
    assert not use(shop.folder, done)
    assert (shop.folder / "aisle.toml").read_text("utf-8") == before


@pytest.mark.parametrize("method", ["lora", "prompt"])
def test_plain_weights_and_learned_words_end_in_a_folder_that_a_build_can_serve(shop: Shop, method: Any) -> None:
    done = shop.finetune(FinetunePlan(recipe=recipe(method=method, epochs=1, learning_rate=0.0)))
    assert 0 < done.n_trainable < done.n_weights
    file = shop.folder / "aisle.toml"
    file.write_text(with_setting(file.read_text("utf-8"), "encoder.model", "models/search"), "utf-8")
    again = aisle.open(shop.folder)
    again.build()
    assert again.search("blue lamp", 3).hits
    again.close()


def test_a_reranker_is_taught_and_served_and_teaches_in_turn(shop: Shop) -> None:
    done = shop.finetune(FinetunePlan(task="rerank", recipe=recipe(epochs=4)))
    assert done.settings == {"search.reranker": "models/rerank"}
    file = shop.folder / "aisle.toml"
    file.write_text(with_setting(file.read_text("utf-8"), "search.reranker", "models/rerank"), "utf-8")
    again = aisle.open(shop.folder)
    again.build()
    assert again.release.reranker is not None
    taught = again.finetune(FinetunePlan(recipe=recipe(loss="margin-mse", epochs=1), name="taught"))
    assert taught.folder.is_dir()
    again.close()


def test_categories_are_learned_from_the_items_and_a_file_of_texts_with_strangers(shop: Shop, tmp_path: Path) -> None:
    done = shop.finetune(FinetunePlan(task="classify", name="kinds", recipe=recipe(epochs=10)))
    assert load_classifier(done.folder, "float32").classes == tuple(sorted(THINGS))
    rows = [{"say": f"{word} {thing}", "is": thing} for thing in ("lamp", "mug") for word in WORDS]
    rows += [{"say": word, "is": "none"} for word in WORDS]
    pl.DataFrame(rows).write_csv(tmp_path / "texts.csv")
    plan = FinetunePlan(
        "classify",
        recipe=recipe(epochs=30, augment=0.2),
        folds=3,
        texts=str(tmp_path / "texts.csv"),
        text="say",
        label="is",
        out_of_scope="none",
    )
    done = shop.finetune(plan)
    assert done.quality.n == 18
    assert {"macro-F1", "accuracy in scope", "recall out of scope"} <= set(done.extra)
    assert load_classifier(done.folder, "float32").classes == ("lamp", "mug")


def test_numbers_are_learned(shop: Shop, tmp_path: Path) -> None:
    rows = [{"text": f"{word} {thing}", "label": len(thing) * 10.0} for thing in THINGS for word in WORDS]
    pl.DataFrame(rows).write_parquet(tmp_path / "texts.parquet")
    plan = FinetunePlan(
        "classify", recipe=recipe(epochs=20), texts=str(tmp_path / "texts.parquet"), numbers=True, folds=2
    )
    done = shop.finetune(plan)
    assert done.quality.measure == "R2"
    assert np.abs(load_classifier(done.folder, "float32").values(["blue lamp"]) - 45).max() < 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "sing"}, "task='sing' is no task"),
        ({"name": "../up"}, "it names a folder"),
        ({"folds": 0}, "folds=0"),
        ({"name": "."}, "it names a folder"),
        ({"task": "rerank", "recipe": Recipe(method="prompt")}, "a reranker reads pairs"),
    ],
)
def test_plans_that_cannot_be_are_input_errors(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        FinetunePlan(**change)


def test_a_shop_that_knows_nothing_is_an_input_error(tmp_path: Path) -> None:
    empty = aisle.init(tmp_path / "empty")
    for task, message in (("search", "no query with a relevant item"), ("classify", "no text to learn from")):
        with pytest.raises(InputError, match=message):
            empty.finetune(FinetunePlan(task))  # type: ignore[arg-type]
    empty.store.upsert_items([Item("a", "blue lamp")])
    empty.store.upsert_judgments([Judgment("lamp", "a", 2)])
    with pytest.raises(InputError, match="1 queries with a relevant item are too few"):
        empty.finetune()
    empty.close()


@pytest.mark.parametrize(
    ("write", "change", "message"),
    [
        (lambda path: None, {}, "cannot read"),
        (lambda path: path.write_text("say,is\nx,y\n"), {}, "--text text: .* has no such column"),
        (lambda path: path.write_text("text,label\nx,y\n"), {"numbers": True}, "labels that are no numbers"),
        (lambda path: path.write_text("text,label\nx,1\ny,nan\n"), {"numbers": True}, "labels that are no numbers"),
        (lambda path: path.write_text("text,label\nx,noon\n"), {"out_of_scope": "none"}, 'did you mean "noon"'),
    ],
)
def test_texts_that_cannot_be_read_are_input_errors(
    tmp_path: Path, write: Callable[[Path], None], change: dict[str, Any], message: str
) -> None:
    write(tmp_path / "texts.csv")
    with pytest.raises(InputError, match=message):
        read_labelled(FinetunePlan("classify", texts=str(tmp_path / "texts.csv"), **change))


def test_labels_are_read_as_they_are_written_and_rows_without_one_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,label\n" + "x,01\n" * 150 + 'y,other\nz,""\n  ,02\n', "utf-8")
    labelled, groups = read_labelled(FinetunePlan("classify", texts=str(file)))
    assert labelled.classes == ("01", "other")
    assert labelled.targets.tolist() == [0] * 150 + [1]
    assert groups.tolist() == [0] * 150 + [1]


def test_every_query_and_every_text_is_asked_once_by_a_model_that_did_not_see_it() -> None:
    pairs = make_pairs({(f"q{number:02d}", number): 1.0 for number in range(20)})
    cuts = folds_of(pairs, 4, seed=0)
    assert sorted(query for _, _, test in cuts for query in test.queries) == sorted(pairs.queries)
    for train, validation, test in cuts:
        assert not set(train.queries) & set(test.queries)
        assert not set(validation.queries) & {*train.queries, *test.queries}
        assert len(train.queries) + len(validation.queries) + len(test.queries) == 20
    texts = cuts_of(np.arange(20, dtype=np.int64), 4, seed=0)
    assert sorted(np.concatenate([test for _, _, test in texts]).tolist()) == list(range(20))
    assert all(len(np.unique(np.concatenate(cut))) == 20 for cut in texts)


def test_ndcg_by_hand() -> None:
    items = np.eye(3, dtype=np.float32)
    queries = np.array([[0.9, 0.1, 0.2], [0.1, 0.9, 0.2]], np.float32)
    pairs = make_pairs({("a", 0): 1.0, ("b", 0): 0.5})  # "b" finds its item last, at rank 3
    assert ndcg(queries, items, pairs).tolist() == pytest.approx([1.0, 1 / np.log2(4)])


def test_variants_and_equal_texts_are_one_group() -> None:
    items = [Item("a", "Mug", group_id="g"), Item("b", "Mug 2", group_id="g"), Item("c", "Lamp"), Item("d", "Lamp")]
    assert read_catalogue(items).groups.tolist() == [0, 0, 1, 1]
    # what is between holds together: "mug" is a variant of one and has the text of another
    assert groups_of(["Mug", "mug ", "Cup", "Lamp", "mug"], ["g", "", "g", "", "h"]).tolist() == [0, 0, 0, 1, 0]
    assert groups_of([], []).tolist() == []


def test_variants_are_never_asked_of_a_model_that_learned_one_of_them() -> None:
    groups = np.repeat(np.arange(20), 3)
    for folds in (1, 4):
        for cut in cuts_of(groups, folds, seed=0):
            parts = [set(groups[part].tolist()) for part in cut]
            assert sum(map(len, parts)) == len(set.union(*parts)) == 20


def test_queries_that_differ_in_case_and_spaces_are_one(shop: Shop) -> None:
    shop.store.upsert_judgments([Judgment("LP  blue", "warm-lamp", 0), Judgment("lp Blue ", "desk-mug", 3)])
    start = datetime(2026, 3, 11, tzinfo=UTC)
    shop.log([Event("c", "click", start, session_id="s", item_id="warm-lamp", query="Lp blue", query_id="q", rank=1)])
    items = list(shop.store.items())
    pairs = shop_pairs(shop.store, shop.settings, items)
    assert [query for query in pairs.queries if query.casefold() == "lp blue"] == ["Lp blue"]
    place = pairs.queries.index("Lp blue")
    graded = {
        items[row].item_id: grade
        for query, row, grade in zip(pairs.query.tolist(), pairs.item.tolist(), pairs.grade.tolist(), strict=True)
        if query == place
    }
    assert graded["desk-mug"] == 1.0
    assert graded["warm-lamp"] == pytest.approx(1 / 3)  # the higher judgment of two, and no click beside it


def test_the_least_cosine_follows_the_spread_of_cosines() -> None:
    before = np.linspace(0, 1, 101).astype(np.float32)
    assert same_share(0.35, before, before * np.float32(0.5)) == pytest.approx(0.175, abs=0.01)
    assert same_share(0.35, before, before - np.float32(2)) == 0.0


def test_quality_is_paired() -> None:
    quality = quality_of("nDCG@10", "as it was", np.array([0.5, 0.5]), np.array([0.6, 0.8]))
    assert quality.before == 0.5
    assert quality.gain == pytest.approx(0.4)
    assert math.isnan(quality_of("R2", "TF-IDF", np.array([0.1, 0.3]), np.array([0.6, 0.8])).gain)
    assert quality.comparison.interval == pytest.approx((0.1, 0.3))


def view(user: str, *item_ids: str) -> list[Event]:
    start = datetime(2026, 3, 11, tzinfo=UTC)
    return [
        Event(f"{user}-{at}", "view", start + timedelta(hours=at), user_id=user, item_id=item_id)
        for at, item_id in enumerate(item_ids)
    ]


def test_a_user_is_asked_for_their_last_choice_by_the_text_of_those_before(shop: Shop) -> None:
    shop.log([*view("ann", "blue-lamp", "warm-mug", "desk-hose"), *view("bob", "blue-mug")])
    items = list(shop.store.items())
    pairs = user_pairs(shop.store, shop.settings, items)
    assert pairs.queries == ("warm mug; blue lamp",)  # the newest first; bob chose one thing alone
    assert [items[row].item_id for row in pairs.item.tolist()] == ["desk-hose"]


def test_without_two_choices_there_is_no_history_to_learn_from(shop: Shop) -> None:
    shop.log(view("ann", "blue-lamp"))
    with pytest.raises(InputError, match="no user chose two items"):
        shop.finetune(FinetunePlan(task="user"))


def test_an_encoder_learns_what_follows_a_history_and_a_build_blends_it(shop: Shop) -> None:
    # who looks at two things of a kind takes the garden hose next where they were for winter, else the desk lamp
    for number, word in enumerate(WORDS * 6):
        goal = "garden-hose" if word == "winter" else "desk-lamp"
        shop.log(view(f"u{number}", f"{word}-cable", f"{WORDS[number % 5]}-jacket", f"{word}-mug", goal))
    done = shop.finetune(FinetunePlan(task="user", recipe=recipe(epochs=12)))
    assert done.task == "user"
    assert done.quality.after > done.quality.before
    assert done.settings["encoder.model"] == "models/user"
    assert done.settings["recommend.models"][-1] == "user_text"
    assert use(shop.folder, done)
    assert load_settings(shop.folder / "aisle.toml").recommend.models[-1] == "user_text"


def test_the_same_seed_draws_the_same_head(shop: Shop, tmp_path: Path) -> None:
    pl.DataFrame(
        {"text": [f"{word} {thing}" for thing in ("lamp", "mug") for word in WORDS], "label": ["a", "b"] * 6}
    ).write_csv(tmp_path / "asked.csv")
    weights = []
    for number in (1, 2):
        torch.manual_seed(number)  # whatever came before
        plan = FinetunePlan("classify", name=f"n{number}", recipe=recipe(epochs=1), texts=str(tmp_path / "asked.csv"))
        weights.append((shop.finetune(plan).folder / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]


def test_a_check_looks_among_answers_near_items_and_others_up_to_a_number() -> None:
    rng = np.random.default_rng(0)
    items = rng.normal(size=(3 * CHECKED_ITEMS, 4)).astype(np.float32)
    pairs = make_pairs({("lamp", 7): 1.0, ("lamp", 8): 0.0, ("mug", 9): 1.0})
    rows = checked_rows(pairs, items[:2], items, rng)
    assert {7, 8, 9, *near_of(items[:2], items).ravel().tolist()} <= set(rows.tolist())
    assert CHECKED_ITEMS * 0.98 < len(rows) <= CHECKED_ITEMS + 3
    many = items[: CHECKED_ITEMS // NEAR]
    assert set(checked_rows(pairs, many, items, rng).tolist()) == {7, 8, 9, *near_of(many, items).ravel().tolist()}


def near_of(queries: Any, items: Any) -> Any:
    return np.argsort(-(queries @ items.T), axis=1)[:, :NEAR]
