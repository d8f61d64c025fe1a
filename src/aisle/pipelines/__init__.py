"""What happens between a question and its answer, told from top to bottom: the files to read first."""

from aisle.pipelines.backup import Backup, back_up, restore
from aisle.pipelines.bought_together import bought_together
from aisle.pipelines.build import STAGES, build
from aisle.pipelines.complete import complete
from aisle.pipelines.evaluate import Question, judge_recommend, judge_search, tune_recommend
from aisle.pipelines.home import home_shelves
from aisle.pipelines.ingest import IngestReport, Progress, ignore_progress, ingest
from aisle.pipelines.next_act import next_act
from aisle.pipelines.pretrain import pretrain
from aisle.pipelines.recommend import recommend
from aisle.pipelines.search import facet_values, retrieve, search
from aisle.pipelines.similar import similar
from aisle.pipelines.understand import understand
from aisle.pipelines.warm import warm

__all__ = [
    "STAGES",
    "Backup",
    "IngestReport",
    "Progress",
    "Question",
    "back_up",
    "bought_together",
    "build",
    "complete",
    "facet_values",
    "home_shelves",
    "ignore_progress",
    "ingest",
    "judge_recommend",
    "judge_search",
    "next_act",
    "pretrain",
    "recommend",
    "restore",
    "retrieve",
    "search",
    "similar",
    "tune_recommend",
    "understand",
    "warm",
]
