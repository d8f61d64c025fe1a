import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from optuna.trial import FixedTrial

from aisle.errors import InputError
from aisle.recommenders.models import ALWAYS, BLEND, MODELS, ModelKind, chosen_kinds, model_kind, usual_models
from aisle.recommenders.protocol import Interactions
from aisle.recommenders.spaces import Params
from aisle.testing.recommenders import histories, toy_interactions

PAGE = Path(__file__).parents[2] / "docs" / "recommender-models.md"
each = pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.name)


def default_params(kind: ModelKind) -> Params:
    """What the space draws when the defaults are drawn; fails when it does not hold them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return kind.space(FixedTrial(dict(kind.defaults)))


@each
def test_the_space_holds_the_defaults(kind: ModelKind) -> None:
    drawn = default_params(kind)
    assert drawn == {name: kind.defaults[name] for name in drawn}


@each
def test_the_space_holds_what_was_good_elsewhere(kind: ModelKind) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for start in kind.starts:
            assert kind.space(FixedTrial({**kind.defaults, **start})).items() >= start.items()


@each
def test_what_a_log_needs_is_for_the_model(kind: ModelKind) -> None:
    nothing = np.empty(0, np.int64)
    users = np.zeros(61, np.int64)
    long = Interactions(users, users, users.astype(np.float32), users.astype(np.float64), 1, 20_001)
    none = Interactions(nothing, nothing, nothing.astype(np.float32), nothing.astype(np.float64), 0, 0)
    assert set(kind.fit_to(long)) <= set(kind.defaults)
    assert kind.fit_to(none) == {}
    if kind.name == "sasrec":
        assert kind.fit_to(long) == {"length": 200, "negatives": 4_096}


@each
def test_every_model_is_made_by_name_learns_and_scores(kind: ModelKind) -> None:
    budget = {"epochs": 1} if kind.in_epochs else {}
    model = kind.make(**default_params(kind), **budget).fit(toy_interactions())
    assert model.name == kind.name
    asked = histories()
    assert model.score(asked).shape == (len(asked), 12)


@each
def test_models_that_learn_in_epochs_have_a_budget_and_an_end(kind: ModelKind) -> None:
    assert ({"epochs", "patience", "budget_s"} <= set(kind.defaults)) == kind.in_epochs


@each
def test_every_model_has_a_section_with_purpose_formula_source_and_cost(kind: ModelKind) -> None:
    sections = dict(re.findall(r"\n## `(\w+)`\n(.*?)(?=\n## |\Z)", PAGE.read_text("utf-8"), re.DOTALL))
    assert kind.name in sections, f"docs/recommender-models.md has no section ## `{kind.name}`"
    for part in ("**For**", "**Formula**", "**Source**", "**Cost**"):
        assert part in sections[kind.name]


def test_names_are_unique() -> None:
    assert len({kind.name for kind in MODELS}) == len(MODELS)


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(InputError, match="no model 'itemknn'; did you mean \"item_knn\""):
        model_kind("itemknn")


def test_random_and_popularity_always_stand_in_the_table() -> None:
    assert [kind.name for kind in chosen_kinds(["markov", "blend"])] == [*ALWAYS, "markov"]
    assert [kind.name for kind in chosen_kinds([])] == list(ALWAYS)


def test_usual_models_end_with_their_blend_and_leave_out_what_takes_minutes() -> None:
    small, large = usual_models("rest", 1_000), usual_models("rest", 100_000)
    assert small[-1] == large[-1] == BLEND
    assert "ease" in small
    assert "ease" not in large
