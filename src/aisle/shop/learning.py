"""What is learned and measured outside of a build: models, their compression, evaluation, tuning."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aisle import pipelines
from aisle.cluster import placed
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.evaluation import SearchReport
from aisle.evaluation.protocols import Protocol
from aisle.evaluation.recommend_report import RecommendReport
from aisle.evaluation.splits import Seen
from aisle.evaluation.tuning import Tuning
from aisle.pipelines import Progress, ignore_progress

if TYPE_CHECKING:
    from aisle.pipelines.compressed import CompressPlan, CompressReport
    from aisle.pipelines.finetuned import Finetuned, FinetunePlan
from aisle.shop.asking import Asking


class Learning(Asking):
    """Everything that a shop learns and measures beside its builds."""

    def pretrain(
        self,
        plan: Pretraining | None = None,
        *,
        name: str = "",
        texts: Sequence[str] = (),
        fresh: bool = False,
        tracking: Tracking | None = None,
        progress: Progress = ignore_progress,
        cluster: str = "",
        processes: int = 1,
    ) -> Pretrained:
        """Pre-train a language model on the shop's items and searches, and on the files `texts`, into models/NAME.

        Run again after an interruption, it goes on exactly, unless `fresh`. `texts` are files with a text a
        line, or FILE:COLUMN of a table. It learns on a machine of the `cluster`, where one is named as for `build`.
        Several `processes` each learn from a share of every batch. Raises InputError for a plan that cannot be
        followed, and ProcessError when one of the processes dies.
        """
        plan, tracking = plan or Pretraining(), tracking or Tracking()
        options: dict[str, Any] = {"name": name, "texts": texts, "fresh": fresh, "tracking": tracking}
        if processes != 1 or plan.shard:
            from aisle.pipelines.together import check_processes, pretrain_together  # noqa: PLC0415  imports PyTorch

            check_processes(processes, shard=plan.shard)
            if not cluster:
                return pretrain_together(self.folder, self.settings, plan, progress, processes, **options)
        with placed(cluster) as place:
            return pipelines.pretrain(
                self.store, self.folder, plan, progress, place=place, n_processes=processes, **options
            )

    def finetune(
        self,
        plan: "FinetunePlan | None" = None,
        progress: Progress = ignore_progress,
        *,
        cluster: str = "",
        processes: int = 1,
    ) -> "Finetuned":
        """Fine-tune a model on what the shop knows, into models/ of its folder, and measure what it brought.

        Without a plan: the encoder, by LoRA, on judgments and clicks. The next build uses it once the settings that
        the answer names stand in aisle.toml (`aisle.pipelines.finetune.use` writes them). It learns on a machine of
        the `cluster`, where one is named as for `build`. Several `processes` each learn from a share of every batch.
        Raises InputError when there is too little to learn from, MissingExtraError without the extra "learn", and
        ProcessError when one of the processes dies.
        """
        from aisle.pipelines.finetune import finetune  # noqa: PLC0415  imports PyTorch, which serving never does
        from aisle.pipelines.finetuned import FinetunePlan  # noqa: PLC0415

        plan = plan or FinetunePlan()
        if processes != 1 or plan.recipe.shard:
            from aisle.pipelines.together import check_processes, finetune_together  # noqa: PLC0415

            check_processes(processes, shard=plan.recipe.shard)
            if not cluster:
                return finetune_together(self.folder, self.settings, plan, progress, processes)
        if not cluster:
            return finetune(self.store, self.settings, self.folder, plan, progress)
        from aisle.pipelines.finetune_away import finetune_away  # noqa: PLC0415

        with placed(cluster) as place:
            return finetune_away(self.store, self.settings, self.folder, plan, progress, place, processes)

    def compress(self, plan: "CompressPlan | None" = None, progress: Progress = ignore_progress) -> "CompressReport":
        """Make the encoder smaller and faster in every way of the plan, and measure what each way costs.

        Raises InputError when a method does not fit the model, and MissingExtraError without the extra "learn".
        """
        from aisle.pipelines.compress import compress  # noqa: PLC0415  imports PyTorch, which serving never does
        from aisle.pipelines.compressed import CompressPlan  # noqa: PLC0415

        return compress(self.store, self.settings, self.folder, plan or CompressPlan(), progress)

    def evaluate_search(
        self,
        judgments: str | None = None,
        *,
        queries: str | None = None,
        k: int = 100,
        progress: Progress = ignore_progress,
    ) -> SearchReport:
        """How good the search is on the judgments of a feed, or on the store's. Raises InputError without any."""

        def find(query: str, n: int) -> list[tuple[str, float]]:
            return [(hit.item_id, hit.score) for hit in self.search(query, n).hits]

        return pipelines.judge_search(self.store, find, judgments, queries, k, progress)

    def evaluate_recommend(  # noqa: PLR0913  the options of an evaluation, by name
        self,
        protocol: Protocol = "leave-one-out",
        *,
        test: str | None = None,
        models: Sequence[str] = (),
        minutes: float = 10.0,
        seen: Seen | None = None,
        refit: bool = False,
        folds: int = 5,
        seed: int = 0,
        progress: Progress = ignore_progress,
        cluster: str = "",
    ) -> RecommendReport:
        """How well models, and their blend, foresee what users of the event log chose.

        Everything is chosen on validation, in about `minutes`; then the test is asked once. `models` are
        names of `aisle.recommenders.models` and "blend" (default: those usual for the protocol); random
        and popularity always stand beside. `test` is a file of events for the protocol given-test.
        Settings tried are kept in the shop's tuning.db, so that a second run goes on. Models are fitted on the
        `cluster`, where one is named as for `build`, side by side.

        Raises InputError for an unknown name, a test that cannot be read, and too few events or users.
        """
        asked = pipelines.Question(protocol, test, tuple(models), minutes, seen, refit, folds, seed)
        with placed(cluster) as place:
            return pipelines.judge_recommend(
                self.store, self.settings, self.folder, self._built, asked, progress, place
            )

    def tune(
        self,
        protocol: Protocol = "leave-one-out",
        *,
        models: Sequence[str] = (),
        minutes: float = 10.0,
        seed: int = 0,
        progress: Progress = ignore_progress,
        cluster: str = "",
    ) -> Tuning:
        """Seek the best hyper-parameters of models on validation, and keep them in tuned.json for the next build.

        Run again, it goes on where it ended, as long as the events are the same. The test part of the
        protocol is not looked at. On a `cluster`, named as for `build`, models are tuned side by side, each for
        `minutes`. Raises InputError as `evaluate_recommend` does.
        """
        asked = pipelines.Question(protocol, models=tuple(models), minutes=minutes, seed=seed)
        with placed(cluster) as place:
            return pipelines.tune_recommend(self.store, self.settings, self.folder, self._built, asked, progress, place)
