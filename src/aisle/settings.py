"""One `aisle.toml` a shop: what may be set, within which range, and how to read and write it."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aisle.errors import SettingsError, nearest
from aisle.types import EventKind

FILE_NAME = "aisle.toml"
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A table of `aisle.toml`: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ShopSettings(Section):
    """Who the shop is."""

    name: str = Field("My shop", description="The name on the storefront's pages.")
    currency: str = Field("EUR", description="Currency of prices that name none, as ISO 4217.")
    locales: tuple[str, ...] = Field(("en", "zh"), description="Languages of the catalogue, the main one first.")


class StoreSettings(Section):
    """Where items, events and judgments are kept."""

    url: str = Field(
        "sqlite:///store.db",
        description="SQLAlchemy address: sqlite:///store.db (inside the shop folder) or postgresql+psycopg://user@host/name.",
    )
    replica_urls: tuple[str, ...] = Field(
        (), description="Addresses of PostgreSQL standbys by streaming: events and profiles are read there."
    )
    redis_url: str = Field(
        "", description="Redis that keeps what shoppers did last, a database of its own: redis://host:6379/0."
    )
    timeout_s: float = Field(2.0, gt=0, description="Seconds that a request waits for PostgreSQL.")
    keep_days: int = Field(0, ge=0, description="Days after which `aisle store prune` drops events; 0: never.")


class SourceSettings(Section):
    """How the columns of the shop's feeds are called."""

    items: Mapping[str, str] = Field(
        default_factory=dict,
        description='Item field = column of the feed: title = "product_name". Unnamed fields are guessed.',
    )
    events: Mapping[str, str] = Field(
        default_factory=dict,
        description='Event field = column of the log: user_id = "visitor". Unnamed fields are guessed.',
    )
    judgments: Mapping[str, str] = Field(
        default_factory=dict, description="Judgment field = column: query, item_id, grade. Unnamed fields are guessed."
    )


class EncoderSettings(Section):
    """Which pre-trained model turns texts into vectors."""

    model: str = Field(
        "all-MiniLM-L6-v2",
        description="The packaged default, a Hugging Face id, or a folder, in the shop's or elsewhere.",
    )
    precision: Literal["int8", "float32"] = Field("int8", description="Weights that ONNX Runtime computes with.")
    pooling: Literal["auto", "mean", "cls", "last"] = Field(
        "auto",
        description="How token vectors become one: mean, the first token's, the last's; auto: as the model says.",
    )
    max_tokens: int = Field(128, ge=8, le=8192, description="Longer texts are cut to this many tokens.")
    query_prefix: str = Field("auto", description='Put before every query; "auto": what the model was trained with.')
    item_prefix: str = Field("auto", description='Put before every item text; "auto": what the model was trained with.')
    chinese: bool = Field(
        False, description="Whether the model understands Chinese; if not, Chinese queries are answered by words alone."
    )
    threads: int = Field(0, ge=0, description="Threads of one encoding call; 0 means one a core.")
    cache_mb: int = Field(
        1024,
        ge=0,
        description="Size of the cache of item vectors in the shop's folder cache/; 0: items are encoded anew.",
    )


class FieldWeights(Section):
    """BM25 weight of each field of an item in lexical search; 0 leaves the field out."""

    title: Weight = Field(1.0, description="Weight of the title.")
    brand: Weight = Field(0.5, description="Weight of the brand.")
    category: Weight = Field(1.0, description="Weight of the category path.")
    attributes: Weight = Field(0.5, description="Weight of the attribute values.")
    description: Weight = Field(1.0, description="Weight of the description.")


class MilvusSettings(Section):
    """Where candidates are found in a shop that outgrew one machine."""

    url: str = Field(
        "",
        description="Address of Milvus, such as http://host:19530, or a file of Milvus Lite, NAME.db; empty: the index "
        "lives in the process. A token (user:password, or a key) is read from the environment: AISLE_MILVUS_TOKEN.",
    )
    prefix: str = Field(
        "aisle",
        pattern=r"^[A-Za-z_]\w{0,99}$",
        description="How this shop's collections begin, and the alias of the active one is called: one a shop.",
    )
    index_type: Literal["HNSW", "IVF_FLAT", "DISKANN", "FLAT", "AUTOINDEX"] = Field(
        "HNSW", description="How vectors are searched; FLAT compares all, DISKANN keeps them on disk."
    )
    shards: Count = Field(1, description="Parts that a collection is written in, side by side.")
    replicas: Count = Field(1, description="Copies of a collection in memory, each on query nodes of its own.")
    partition_key: Literal["", "brand", "category"] = Field(
        "", description="Field that items are laid apart by, so that filters on it look into few partitions."
    )
    timeout_s: float = Field(1.0, gt=0, description="A search that takes longer is answered from words alone.")


class IndexSettings(Section):
    """How items are made findable."""

    fields: FieldWeights = Field(default_factory=lambda: FieldWeights(), description="BM25 weight of each field.")
    exact_below: int = Field(
        10_000, ge=0, description="Up to this many items, vectors are compared one by one; above, by an HNSW graph."
    )
    vectors: Literal["float32", "int8", "binary"] = Field(
        "float32",
        description="How vectors are kept: float32; int8: in a quarter of the space; binary: found by bits, not by a "
        "graph, and compared in int8.",
    )
    milvus: MilvusSettings = Field(
        default_factory=lambda: MilvusSettings(), description="An engine on other machines that finds candidates."
    )


class SearchSettings(Section):
    """How lexical and dense candidates become one slate."""

    depth: Count = Field(200, description="Candidates asked of each retriever.")
    lexical_weight: Weight = Field(0.5, description="Weight of the words: BM25 as a share of the best item's.")
    dense_weight: Weight = Field(0.5, description="Weight of the meaning: the cosine of the vectors, at least 0.")
    learned: bool = Field(
        True, description="Order results by the ranker learned from judgments and clicks, if it helps."
    )
    diversity: Share = Field(
        0.95, description="Weight of relevance against variety of brands and categories; 1 leaves the order as it is."
    )
    reranker: str = Field(
        "", description="Cross-encoder that judges the best results: a Hugging Face id or a folder, as encoder.model."
    )
    rerank_top: Count = Field(20, description="Results that the cross-encoder judges.")
    rerank_weight: Share = Field(0.5, description="Weight of its opinion against the order before.")
    personal: Share = Field(
        0.1, description="How far brands and prices that a known shopper prefers move up; 0 shows everybody the same."
    )
    sold_out_factor: Share = Field(0.8, description="Share of its score that a sold-out item keeps.")
    min_cosine: Share = Field(
        0.35, description="Items found by meaning alone are at least this near; right for all-MiniLM-L6-v2."
    )


class UnderstandSettings(Section):
    """What is made of the words that a shopper typed."""

    spelling: bool = Field(True, description="Mend typing errors, and say so.")
    intent: bool = Field(True, description="Recognise prices, sizes, brands, categories and attributes in queries.")
    synonyms: str = Field(
        "", description="File of synonyms inside the shop folder: sofa, couch; one-way: tv => television."
    )
    boost: Weight = Field(
        0.05, description="Added, times its confidence, to the score of items that fit what was recognised."
    )


class KindWeights(Section):
    """How much each kind of event says about taste."""

    view: float = Field(1.0, description="Weight of a view.")
    click: float = Field(1.0, description="Weight of a click.")
    favorite: float = Field(3.0, description="Weight of a favorite.")
    cart: float = Field(4.0, description="Weight of putting into the cart.")
    purchase: float = Field(8.0, description="Weight of a purchase.")
    rate: float = Field(2.0, description="Weight of a rating.")
    dislike: float = Field(-4.0, description="Weight of a dislike; negative.")
    returned: float = Field(-8.0, description="Weight of a return (kind = return); negative: it undoes the purchase.")

    def of(self, kind: EventKind) -> float:
        """The weight of one event of `kind`; impressions and searches weigh nothing."""
        return float(getattr(self, "returned" if kind == "return" else kind, 0.0))


class RecommendSettings(Section):
    """How behaviour becomes recommendations."""

    models: tuple[str, ...] = Field(
        ("popularity", "item_knn", "markov", "content"),
        description="Models that a build learns and blends by measured weights; what does not help is not served.",
    )
    learned: bool = Field(True, description="Order the best candidates by trees learned from the log, if it helps.")
    half_life_days: float = Field(14.0, gt=0, description="An event counts half after this many days.")
    history_length: Count = Field(50, description="Latest events of a user that recommendations look at.")
    neighbors: Count = Field(200, description="Neighbours kept for each item by item-kNN.")
    shrinkage: Weight = Field(20.0, description="Added to the denominator of the item-kNN cosine, against chance.")
    processes: Count = Field(
        1,
        description="Processes that learn a sequence model together, each holding a part of the items: for catalogues "
        "that one cannot hold.",
    )
    fit_kinds: bool = Field(
        False, description="Let a build choose the weights of kinds and the half-life by what users did next."
    )
    kinds: KindWeights = Field(default_factory=lambda: KindWeights(), description="Weight of each kind of event.")


class ReleaseSettings(Section):
    """Where releases are shared between machines; credentials come from the environment, never from this file."""

    url: str = Field(
        "",
        description="Storage that shares releases: s3://bucket/shop, gs://bucket/shop, file:///mnt/shop; empty: none.",
    )
    endpoint_url: str = Field("", description="Address of an S3-compatible server (MinIO, Ceph); empty: Amazon's.")
    anonymous: bool = Field(False, description="Ask the storage without credentials: for public buckets.")
    timeout_s: float = Field(5.0, gt=0, description="Seconds that the storage may be silent before it counts as away.")
    look_s: float = Field(2.0, gt=0, description="Seconds between a server's looks into the storage.")
    keep: int = Field(5, ge=2, description="Releases that are kept in the storage, and on a server that follows it.")
    replica: str = Field(
        "", description="Name of this server when releases are activated together; empty: host and process number."
    )


class ServingSettings(Section):
    """The HTTP service."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    workers: Count = Field(1, description="Processes that answer, each with its own memory: at most one a core.")
    max_body_bytes: int = Field(4_000_000, ge=1_000, description="Larger request bodies are refused with status 413.")
    max_batch_events: Count = Field(1_000, description="Most events in one request.")
    reload_s: float = Field(1.0, gt=0, description="Seconds between looks for a newly activated release.")
    cors_origins: tuple[str, ...] = Field((), description="Web origins that may call the service from a browser.")
    storefront: bool = Field(True, description="Serve the web shop beside the API.")


class Settings(Section):
    """Everything that may be set in `aisle.toml`."""

    shop: ShopSettings = Field(default_factory=lambda: ShopSettings(), description="Who the shop is.")
    store: StoreSettings = Field(default_factory=lambda: StoreSettings(), description="Where data is kept.")
    sources: SourceSettings = Field(default_factory=lambda: SourceSettings(), description="Columns of the feeds.")
    encoder: EncoderSettings = Field(default_factory=lambda: EncoderSettings(), description="The pre-trained model.")
    index: IndexSettings = Field(default_factory=lambda: IndexSettings(), description="How items are made findable.")
    search: SearchSettings = Field(default_factory=lambda: SearchSettings(), description="How results are ordered.")
    understand: UnderstandSettings = Field(
        default_factory=lambda: UnderstandSettings(), description="What queries mean."
    )
    recommend: RecommendSettings = Field(
        default_factory=lambda: RecommendSettings(), description="How taste is learned."
    )
    releases: ReleaseSettings = Field(
        default_factory=lambda: ReleaseSettings(), description="Where releases are shared between machines."
    )
    serving: ServingSettings = Field(default_factory=lambda: ServingSettings(), description="The HTTP service.")


def parse_settings(text: str, origin: str = FILE_NAME) -> Settings:
    """Read settings from TOML text.

    Raises SettingsError for malformed TOML, an unknown key (naming the nearest valid one) or a
    value outside its range; `origin` is named in the message.
    """
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise SettingsError("; ".join(f"{origin}: {_explain(problem)}" for problem in error.errors())) from error


def load_settings(path: Path) -> Settings:
    """Read the settings file at `path`. Raises SettingsError as `parse_settings` does."""
    try:
        return parse_settings(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}") from error


def setting_rows(section: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, str, Any, str]]:
    """Every setting as (table, key, default, meaning), in the order of the file."""
    tables = []
    for name, info in section.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            tables.append((f"{prefix}{name}", info.annotation))
        else:
            yield prefix.rstrip("."), name, info.get_default(call_default_factory=True), info.description or ""
    for path, table in tables:
        yield from setting_rows(table, f"{path}.")


def default_toml(name: str) -> str:
    """The text of a new `aisle.toml`: the shop's name, and every other key as a comment with its meaning."""
    lines = ["# Settings of this shop. A line that starts with # shows a default; remove the # to change it.", ""]
    table = ""
    for path, key, default, meaning in setting_rows():
        if path != table:
            lines += ([""] if table else []) + [f"[{path}]"]
            table = path
        own = (path, key) == ("shop", "name")
        value = toml_value(name if own else default)
        lines += [f"# {meaning}", f"{'' if own else '# '}{key} = {value}"]
    return "\n".join(lines) + "\n"


def with_setting(text: str, path: str, value: Any) -> str:
    """The text of an `aisle.toml` with the setting at `path` ("encoder.model") at `value`; every other line stays.

    The line of the setting is changed, or that which shows its default; else one is added to its table.
    Raises SettingsError when what comes out is no valid file, because of `value` or of what stood there.
    """
    table, _, key = path.rpartition(".")
    lines = text.splitlines()
    heads = [place for place, line in enumerate(lines) if line.strip() == f"[{table}]"]
    if not heads:
        lines += ["", f"[{table}]"]
        heads = [len(lines) - 1]
    start = heads[0] + 1
    end = next((place for place in range(start, len(lines)) if lines[place].lstrip().startswith("[")), len(lines))
    found = [
        place
        for mark in ("", "# ?")
        for place in range(start, end)
        if re.match(rf"\s*{mark}{re.escape(key)}\s*=", lines[place])
    ]
    written = f"{key} = {toml_value(value)}"
    if found:
        lines[found[0]] = written
    else:
        lines.insert(start, written)
    changed = "\n".join(lines) + "\n"
    parse_settings(changed)
    return changed


def use_setting(folder: Path, path: str, value: Any) -> None:
    """Write the setting at `path` into the aisle.toml of the shop in `folder`. Raises as `with_setting`."""
    file = folder / FILE_NAME
    beside = file.with_suffix(".new")
    beside.write_text(with_setting(file.read_text("utf-8"), path, value), "utf-8")
    beside.replace(file)


def toml_value(value: Any) -> str:
    """A setting as it is written in TOML: true, 0.5, "text", [..], {..}."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # A string of JSON is a string of TOML, but for the character DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{toml_value(key)} = {toml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return repr(value)


def _explain(problem: Any) -> str:
    path = [str(part) for part in problem["loc"]]
    key = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f'unknown key "{key}"; {nearest(path[-1], _table(path[:-1]).model_fields)}'
    return f"{key} = {problem['input']!r}: {problem['msg']}"


def _table(path: list[str]) -> type[BaseModel]:
    table: type[BaseModel] = Settings
    for part in path:
        annotation = table.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        table = annotation
    return table
