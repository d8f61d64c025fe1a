"""What happens between a question and its answer, told from top to bottom: the files to read first."""

from aisle.pipelines.build import STAGES, build
from aisle.pipelines.complete import complete
from aisle.pipelines.ingest import IngestReport, Progress, ignore_progress, ingest
from aisle.pipelines.recommend import because_viewed, popular, recommend
from aisle.pipelines.search import facet_values, retrieve, search
from aisle.pipelines.similar import similar
from aisle.pipelines.understand import understand
from aisle.pipelines.warm import warm

__all__ = [
    "STAGES",
    "IngestReport",
    "Progress",
    "because_viewed",
    "build",
    "complete",
    "facet_values",
    "ignore_progress",
    "ingest",
    "popular",
    "recommend",
    "retrieve",
    "search",
    "similar",
    "understand",
    "warm",
]
