import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import aisle.storefront
from aisle.storefront.assets import load_assets

STATIC = Path(aisle.storefront.__file__).parent / "static"


def test_files_with_their_version_are_kept_forever(client: TestClient) -> None:
    answer = client.get(load_assets().url("main.js"))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/old/main.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/x/nothing.js", "/static/x/..%2f..%2fpages.py", "/static/x/"])
def test_nothing_but_our_files_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_pictures_come_from_the_shops_folder_and_can_run_nothing(client: TestClient) -> None:
    answer = client.get("/pictures/e1.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["none.svg", "..%2fsecret.svg", "%2e%2e/secret.svg", "..%5csecret.svg", "%00.svg", ".svg", "e1.txt"]
)
def test_no_other_file_is_a_picture(client: TestClient, name: str) -> None:
    assert client.get(f"/pictures/{name}").status_code == 404


def test_scripts_and_styles_refer_to_nothing_outside() -> None:
    for path in STATIC.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), path.name


def test_scripts_import_only_files_that_exist() -> None:
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./(.+?)"|import "\./(.+?)"', path.read_text("utf-8")):
            assert (STATIC / "".join(name)).is_file(), path.name


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="(.+?)"', (STATIC / "icons.svg").read_text("utf-8")))
    templates = (STATIC.parent / "templates").glob("*.html")
    named = {name for path in templates for name in re.findall(r'icon\("(.+?)"\)', path.read_text("utf-8"))}
    assert named | {"stars"} == drawn


READ = [
    ("ink", "paper"), ("ink", "card"), ("ink", "sunken"), ("ink", "accent-soft"), ("ink", "mark"),
    ("ink-quiet", "paper"), ("ink-quiet", "card"), ("ink-quiet", "sunken"), ("accent", "paper"), ("accent", "card"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("danger", "card"), ("danger", "paper"), ("warn", "card"),
    ("warn", "paper"),
]  # fmt: skip
SEEN = [("line-strong", "card"), ("line-strong", "paper"), ("star", "card"), ("accent", "accent-soft")]


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_text_and_controls_stand_out_as_wcag_aa_asks(mode: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (STATIC / "base.css").read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[mode]))

    def contrast(one: str, other: str) -> float:
        lights = sorted(luminance(colours[name]) for name in (one, other))
        return (lights[1] + 0.05) / (lights[0] + 0.05)

    assert {pair: contrast(*pair) for pair in READ if contrast(*pair) < 4.5} == {}
    assert {pair: contrast(*pair) for pair in SEEN if contrast(*pair) < 3} == {}
