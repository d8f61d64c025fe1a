import pytest

from aisle.intent.readings import Trust, features, may_filter
from aisle.text.entities import Phrases, learn_phrases, phrase_words

PHRASES = learn_phrases(
    [
        {
            ("brand", "Acme"): (),
            ("category", "Cameras"): (("zh", "相机"),),
            ("color", "black"): (),
            ("color", "white"): (),
        }
    ],
    [["Acme camera black and white"]],
)


def filtering(query: str, phrases: Phrases = PHRASES) -> list[str]:
    found, words = phrases.find(query), phrase_words(query)
    return [query[one.start : one.end] for one in found if may_filter(one, found, words)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("black acme camera", ["black", "acme", "camera"]),
        ("camera bag", []),
        ("相机包", []),
        ("黑色相机", ["相机"]),
        ("camera for travelling", ["camera"]),
        ("camera black", ["camera", "black"]),
        ("black and white camera", ["camera"]),
        ("acme gizmo", ["acme"]),
    ],
)
def test_only_the_head_of_a_query_filters(query: str, expected: list[str]) -> None:
    assert filtering(query) == expected


def test_without_evidence_the_confidence_is_the_share_of_titles_and_nothing_is_sure() -> None:
    (found,) = PHRASES.find("acme")
    (confidence,) = Trust().confidence(features([found], "acme", {})).tolist()
    assert confidence == pytest.approx((1 + 1) / (1 + 2))
    assert not Trust().sure("brand", 1.0)


def test_nothing_is_sure_below_nine_tenths() -> None:
    trust = Trust(thresholds={"brand": 0.2})
    assert [trust.sure("brand", confidence) for confidence in (0.89, 0.9)] == [False, True]
    assert not trust.sure("category", 1.0)


def test_trust_survives_json() -> None:
    trust = Trust(thresholds={"brand": 0.95})
    assert Trust.from_dict(trust.to_dict()) == trust
    with pytest.raises(ValueError, match="weights"):
        Trust.from_dict({"weights": [1.0], "thresholds": {}})
