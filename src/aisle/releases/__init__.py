"""Build everything once, load it, swap it, roll it back."""

from aisle.releases.catalogue import Catalogue, write_catalogue
from aisle.releases.folder import ReleaseFolder, Staging
from aisle.releases.manifest import Manifest, checksums, library_versions
from aisle.releases.recommenders import Recommenders
from aisle.releases.release import Release, load_release
from aisle.releases.shelf_models import ShelfModels

__all__ = [
    "Catalogue",
    "Manifest",
    "Recommenders",
    "Release",
    "ReleaseFolder",
    "ShelfModels",
    "Staging",
    "checksums",
    "library_versions",
    "load_release",
    "write_catalogue",
]
