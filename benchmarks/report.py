"""Where numbers come from and where they go: the machine, and the tables of docs/benchmarks.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
LIBRARIES = ("aisle", "numpy", "onnxruntime", "tantivy", "usearch")


def environment() -> str:
    """One line: processor, cores, Python and the libraries that matter."""
    cpu = next(
        (line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), platform.machine()
    )
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {versions}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def publish(section: str, text: str, file: Path = DOCS) -> None:
    """Put `text` between the marks of `section` in `file`: docs/benchmarks.md."""
    page = file.read_text("utf-8")
    start, end = f"<!-- {section} -->", f"<!-- end {section} -->"
    before, rest = page.split(start)
    after = rest.split(end)[1]
    file.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8").splitlines() if path.exists() else []
