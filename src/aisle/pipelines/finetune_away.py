"""Fine-tuning on another machine: what it needs of a shop goes there, and the model comes back."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from aisle.cluster import Place
from aisle.cluster.folders import Files, read_folder, write_folder
from aisle.cluster.place import Hear
from aisle.encoders import located
from aisle.encoders.finetuning.recipe import check_method
from aisle.encoders.learning.checkpoints import new_folder
from aisle.errors import InputError
from aisle.pipelines.build import Progress
from aisle.pipelines.finetune import check_start, finetune, with_model
from aisle.pipelines.finetuned import Finetuned, FinetunePlan
from aisle.pipelines.own_models import origin
from aisle.settings import Settings
from aisle.store import Store, open_store

STORE = "store.db"


@dataclass
class Luggage:
    """The part of a shop's folder that goes along."""

    folder: Path
    files: dict[str, bytes] = field(default_factory=dict)

    def pack(self, name: str) -> str:
        """Take along the file or folder `name`, inside the shop's or not; what it is called there.

        What is no file or folder here is a name that means the same there: a packaged model, or one of a hub.
        """
        path = Path(located(name, self.folder)).expanduser()
        if not name or not path.exists():
            return name
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts and (self.folder / name).exists()
        new = name if inside else f"taken-along/{len(self.files)}/{path.name}"
        if path.is_file():
            self.files[new] = path.read_bytes()
        else:
            self.files |= {f"{new}/{inner}": content for inner, content in read_folder(path).items()}
        return new


def finetune_away(
    store: Store,
    settings: Settings,
    folder: Path,
    plan: FinetunePlan,
    progress: Progress,
    place: Place,
    n_processes: int = 1,
) -> Finetuned:
    """What `finetune` does, in `n_processes` of `place`; the model is then in `folder`/models as ever.

    The store, models and files that the plan and the settings name go along. Begun anew where its machine is lost.
    """
    check_method(plan.recipe.method)
    plan = with_model(plan, settings, folder)
    check_start(plan, folder)
    luggage = Luggage(folder)
    there = replace(plan, model=luggage.pack(plan.model), texts=_packed_texts(luggage, plan.texts))
    settings = _packed_settings(luggage, settings)
    with TemporaryDirectory() as copied:
        store.copy(Path(copied) / STORE)
        luggage.files[STORE] = (Path(copied) / STORE).read_bytes()
    done, files = place.run(_finetune, luggage.files, settings, there, n_processes=n_processes, hear=progress)
    told = json.loads(files["aisle.json"]) | {
        "from": plan.model,
        "origin": origin(plan.model, folder),
        "command": plan.command,
    }
    files["aisle.json"] = json.dumps(told, indent=1, ensure_ascii=False).encode()
    with new_folder(folder / done.folder) as staging:
        write_folder(files, staging)
    return replace(done, folder=folder / done.folder)


def _packed_texts(luggage: Luggage, texts: str) -> str:
    if texts and not Path(texts).is_file():
        raise InputError(f"cannot read {texts}; name a file of texts")
    return luggage.pack(str(Path(texts).resolve())) if texts else ""


def _packed_settings(luggage: Luggage, settings: Settings) -> Settings:
    """The settings as they read there."""
    understand = {"synonyms": luggage.pack(settings.understand.synonyms)}
    return settings.model_copy(
        update={
            "encoder": settings.encoder.model_copy(update={"model": luggage.pack(settings.encoder.model)}),
            "search": settings.search.model_copy(update={"reranker": luggage.pack(settings.search.reranker)}),
            "understand": settings.understand.model_copy(update=understand),
        }
    )


def _finetune(files: Files, settings: Settings, plan: FinetunePlan, tell: Hear) -> tuple[Finetuned, dict[str, bytes]]:
    """What was made and the files of the model, whose folder is named as inside the shop's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(files, folder)
        plan = replace(plan, texts=str(folder / plan.texts) if plan.texts else "")
        with open_store(f"sqlite:///{STORE}", folder) as store:
            done = finetune(store, settings, folder, plan, tell)
        return replace(done, folder=done.folder.relative_to(folder)), read_folder(done.folder)
