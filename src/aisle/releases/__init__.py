"""Build everything once, load it, swap it, roll it back."""

from aisle.releases.activations import Expected, parse_expected
from aisle.releases.catalogue import Catalogue, write_catalogue
from aisle.releases.collections import announce, tidy
from aisle.releases.folder import ReleaseFolder, Staging
from aisle.releases.manifest import Manifest, checksums, library_versions
from aisle.releases.objects import Objects
from aisle.releases.recommenders import Recommenders
from aisle.releases.release import Release, load_release
from aisle.releases.replica import Replica, replica_name
from aisle.releases.shelf_models import ShelfModels
from aisle.releases.storage import Pushed, ReleaseStorage

__all__ = [
    "Catalogue",
    "Expected",
    "Manifest",
    "Objects",
    "Pushed",
    "Recommenders",
    "Release",
    "ReleaseFolder",
    "ReleaseStorage",
    "Replica",
    "ShelfModels",
    "Staging",
    "announce",
    "checksums",
    "library_versions",
    "load_release",
    "parse_expected",
    "replica_name",
    "tidy",
    "write_catalogue",
]
