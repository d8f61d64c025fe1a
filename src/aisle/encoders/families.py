"""How is a model read: its pooling, prefixes and lengths? Right by default for the well-known families."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aisle.errors import InputError
from aisle.settings import EncoderSettings

AUTO = "auto"
TOWER = "tower"
"""Pooling of CLIP's and SigLIP's text halves: the model itself gives one vector a text."""
TOWERS = {"clip": 77, "clip_text_model": 77, "siglip": 64, "siglip_text_model": 64}
"""Kinds of model with a text half, and the tokens that it reads."""
_WEB_SEARCH = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are read alike, known by their names, because many families share one architecture."""

    name: str
    pattern: str
    """Regular expression, found in the lower-case name of the model."""
    pooling: str = ""
    """Empty: by the architecture."""
    query_prefix: str = ""
    item_prefix: str = ""


FAMILIES = (
    Family("BGE M3", r"bge-m3", "cls"),
    Family("BGE, Chinese", r"bge-\w+-zh", "cls", "为这个句子生成表示以用于检索相关文章："),
    Family("BGE, English", r"bge-\w+-en", "cls", "Represent this sentence for searching relevant passages: "),
    Family("E5 with instructions", r"e5-.*instruct", "", f"{_WEB_SEARCH} "),
    Family("E5", r"e5-(small|base|large)", "mean", "query: ", "passage: "),
    Family("GTE, Qwen", r"gte-qwen", "last", f"{_WEB_SEARCH} "),
    Family("GTE, long", r"gte-(.*-v1\.5|modernbert|multilingual)", "cls"),
    Family("GTE", r"gte-(small|base|large)", "mean"),
    Family(
        "Jina v3",
        r"jina-embeddings-v3",
        "mean",
        "Represent the query for evidence retrieval: ",
        "Represent the document for retrieval: ",
    ),
    Family("Jina v5", r"jina-embeddings-v5", "last", "Query: ", "Document: "),
    Family("Qwen3 Embedding", r"qwen3-embedding", "last", _WEB_SEARCH),
    Family("multilingual MiniLM", r"multilingual-minilm", "mean"),
)
"""The first that fits counts. From the models' own pages and, where they have one, their configuration of prompts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts are given to a model, and how its answer becomes a vector."""

    pooling: str
    """"mean", "cls", "last" or "tower"."""
    query_prefix: str
    item_prefix: str
    max_tokens: int
    dim: int
    """Of a vector; less than the model's own where aisle.json says so (Matryoshka truncation)."""


def reading_of(folder: Path, settings: EncoderSettings) -> Reading:
    """How the Hugging Face model in `folder` is read.

    What `settings` say counts first; for each value that they leave to "auto", aisle.json of the folder,
    then sentence-transformers' files, then the family's usual value, then mean pooling and no
    prefix (the last token's vector for causal models). Texts are cut at the least length that any of
    them names. Raises InputError when the model needs code of its own, or a layer after its pooling.
    """
    config = read_json(folder / "config.json")
    check_architecture(folder, config)
    own, prompts = read_json(folder / "aisle.json"), _prompts(folder)
    modules = _pooling(folder) if settings.pooling == AUTO else None
    family = family_of(settings.model, config)
    usual = family.pooling if family and family.pooling else _usual_pooling(config)
    tower = config.get("model_type") in TOWERS
    lengths = [own.get("max_tokens"), read_json(folder / "sentence_bert_config.json").get("max_seq_length")]
    return Reading(
        pooling=TOWER if tower else _first(settings.pooling, own.get("pooling"), modules, usual),
        query_prefix=_first(
            settings.query_prefix, own.get("query_prefix"), prompts.get("query"), family.query_prefix if family else ""
        ),
        item_prefix=_first(
            settings.item_prefix, own.get("item_prefix"), prompts.get("item"), family.item_prefix if family else ""
        ),
        max_tokens=min([settings.max_tokens, *(int(one) for one in lengths if one)]),
        dim=int(own.get("dim") or _dim(config)),
    )


def family_of(name: str, config: dict[str, Any]) -> Family | None:
    """The family of the model called `name`, or so called where it was trained (`_name_or_path`)."""
    names = [Path(name).name.lower(), Path(str(config.get("_name_or_path", ""))).name.lower()]
    return next((one for each in names for one in FAMILIES if each and re.search(one.pattern, each)), None)


def check_architecture(folder: Path, config: dict[str, Any]) -> None:
    """Raise InputError when transformers' own classes would not compute what the model in `folder` computes."""
    remote = str(config.get("auto_map", {}).get("AutoModel", "")).rsplit(".", 1)[-1]
    if remote and not _native(remote):
        raise InputError(
            f"the model in {folder} is written for code of its own ({remote}), which Aisle does not run; choose one "
            "that transformers has a class for, such as intfloat/multilingual-e5-small or BAAI/bge-small-en-v1.5, or a "
            "version of this one in that form (its name often ends with -hf)"
        )
    plain = {"Transformer", "Pooling", "Normalize"}
    modules = read_json(folder / "modules.json", default=[])
    other = [str(one["type"]).rsplit(".", 1)[-1] for one in modules]
    if beyond := [name for name in other if name not in plain]:
        raise InputError(
            f"the model in {folder} has a layer {beyond[0]} after its pooling, which Aisle cannot export; "
            "choose a model that is made of Transformer, Pooling and Normalize"
        )


def read_json(path: Path, default: Any = None) -> Any:
    """What the JSON file at `path` says; `default`, or an empty object, where there is none. Raises InputError."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {} if default is None else default
    except (OSError, ValueError) as error:
        raise InputError(f"cannot load the model in {path.parent}: {path.name}: {error}") from error


def _native(name: str) -> bool:
    import transformers  # noqa: PLC0415  seconds to import, and only ever needed once a model

    return hasattr(transformers, name)


def _first(*values: str | None) -> str:
    """The first value that says something; an empty prefix says something."""
    return next((value for value in values if value is not None and value != AUTO), "")


def _pooling(folder: Path) -> str | None:
    """What sentence-transformers' file says; None without one, or when Aisle does not know that pooling."""
    told = read_json(folder / "1_Pooling" / "config.json")
    known = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "last": "pooling_mode_lasttoken"}
    chosen = [name for name, key in known.items() if told.get(key) or told.get("pooling_mode") == name]
    if told and not chosen:
        raise InputError(
            f"the model in {folder} pools in a way that Aisle does not know; expected one of {', '.join(known)}; "
            "set encoder.pooling to the nearest of them"
        )
    return chosen[0] if chosen else None


def _prompts(folder: Path) -> dict[str, str]:
    prompts = read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    items = [prompts[name] for name in ("document", "passage", "corpus") if name in prompts]
    found = {"query": prompts.get("query"), "item": items[0] if items else None}
    told = any(found.values())  # files of older versions name empty prompts that nobody chose
    return {name: text or "" for name, text in found.items() if told and text is not None}


def _usual_pooling(config: dict[str, Any]) -> str:
    architectures = " ".join(config.get("architectures") or [])
    causal = "ForCausalLM" in architectures or config.get("model_type") in {"qwen3", "qwen2", "mistral", "llama"}
    return "last" if causal else "mean"


def _dim(config: dict[str, Any]) -> int:
    text = {**config, **(config.get("text_config") or {})}
    kind = config.get("model_type")
    if kind in {"clip", "clip_text_model"}:
        return int(config.get("projection_dim") or text.get("projection_dim") or 512)
    if kind in {"siglip", "siglip_text_model"} and text.get("projection_size"):
        return int(text["projection_size"])
    return int(text.get("hidden_size") or text.get("dim") or text.get("n_embd") or 768)
