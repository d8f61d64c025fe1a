from typing import Any

import pytest
from pydantic import ValidationError

from aisle.serving import examples, schemas
from aisle.serving.schemas import Schema

MODELS = [
    model
    for model in vars(schemas).values()
    if isinstance(model, type) and issubclass(model, Schema) and "json_schema_extra" in model.model_config
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_example_of_a_schema_is_valid(model: type[Schema]) -> None:
    extra: Any = model.model_config["json_schema_extra"]
    for example in extra["examples"]:
        model.model_validate(example)


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422, 500, 503, 507])
def test_the_example_of_an_error_is_valid(status: int) -> None:
    meaning, example = examples.error_example(status)
    assert meaning.endswith(".")
    schemas.ErrorAnswer.model_validate(example)


def test_an_example_of_a_refused_release_is_valid() -> None:
    schemas.ReadyAnswer.model_validate({**examples.READY_ANSWER, "refused": examples.REFUSED})


def test_a_schema_knows_no_other_field() -> None:
    with pytest.raises(ValidationError, match=r'unknown field "lokale"; did you mean "locale"\?'):
        schemas.SearchBody.model_validate({"lokale": "zh"})


def test_a_very_long_field_name_is_cut() -> None:
    with pytest.raises(ValidationError) as refusal:
        schemas.SearchBody.model_validate({"x" * 100_000: 1})
    assert len(refusal.value.errors()[0]["msg"]) < 400
