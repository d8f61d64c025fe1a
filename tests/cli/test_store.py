import shutil
from pathlib import Path

from tests.cli.conftest import RunAisle

from aisle.settings import use_setting
