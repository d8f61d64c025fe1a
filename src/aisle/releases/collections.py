"""What Milvus is told of releases, in shops that use it: which one is active, and which are gone."""

from aisle.errors import AwayError
from aisle.index.milvus import activate, drop_others
from aisle.releases.folder import ReleaseFolder
from aisle.releases.manifest import Manifest


def announce(releases: ReleaseFolder, manifest: Manifest) -> Manifest:
    """Have the shop's alias name the collection of the active release; the same manifest again.

    Aisle itself asks each release's own collection, so the alias is for whoever else reads them. Raises AwayError
    when Milvus does not answer: the release is active all the same.
    """
    settings = manifest.settings.index.milvus
    if settings.url:
        try:
            activate(releases.folder(manifest.release_id) / "index", settings)
        except AwayError as error:
            raise AwayError(
                f"release {manifest.release_id} is active, but the alias {settings.prefix!r} still names another: "
                f"{error}; then run: aisle release activate {manifest.release_id}"
            ) from error
    return manifest


def tidy(releases: ReleaseFolder, manifest: Manifest) -> None:
    """Drop the collections whose releases lie in the folder no more. Raises AwayError when Milvus does not answer."""
    settings = manifest.settings.index.milvus
    if settings.url:
        drop_others(settings, releases.path, releases.ids())
