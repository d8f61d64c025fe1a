"""What every page needs: the shop, the languages it offers, the templates, and the scripts and styles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from aisle.shop import Shop
from aisle.storefront.assets import Assets, load_assets
from aisle.storefront.i18n import LANGUAGES, item_words, language, offered_languages
from aisle.storefront.urls import item_url, search_url
from aisle.storefront.visit import Visit
from aisle.types import Item

_TEMPLATES = Path(__file__).parent / "templates"
N_PLACEHOLDER_HUES = 6
Spans = Sequence[tuple[int, int]]
"""[start, end) places of characters."""


@dataclass(frozen=True, slots=True)
class Site:
    """One shop on the web."""

    shop: Shop
    languages: tuple[str, ...]
    assets: Assets
    templates: Environment

    def render(self, visit: Visit, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """The page `template`, in the visitor's language, filled with `values`."""
        lang = language(visit.language)
        offered = {code: LANGUAGES[code] for code in self.languages}
        html = self.templates.get_template(template).render(
            visit=visit, lang=lang, say=lang.say, languages=offered, shop=self.shop.settings.shop, **values
        )
        return HTMLResponse(html, status)


def open_site(shop: Shop) -> Site:
    """The site of `shop`, in those of its languages that the pages can speak."""
    assets = load_assets()
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals.update(
        static=assets.url, item_url=item_url, search_url=search_url, item_words=item_words,
        picture=picture_url, initials=initials, hue=hue, highlighted=highlighted, title_spans=title_spans,
    )  # fmt: skip
    return Site(shop, offered_languages(shop.settings.shop.locales), assets, templates)


def picture_url(item: Item) -> str:
    """Where the picture of `item` is, or "" when it has none that a page may show.

    >>> picture_url(Item("a", "A", image_url="http://cdn.example/a.jpg"))
    'https://cdn.example/a.jpg'
    >>> picture_url(Item("a", "A", image_url="javascript:alert(1)"))
    ''
    """
    url = item.image_url.strip()
    if url.startswith("http://"):
        return "https://" + url.removeprefix("http://")
    ours = url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if ours or url.startswith(("https://", "data:image/")) else ""


def initials(title: str) -> str:
    """Up to two letters that stand in for a missing picture.

    >>> initials("USB-C cable 1 m"), initials("无线耳机")
    ('UC', '无')
    """
    words = [word for word in title.split() if word[0].isalnum()] or [title.strip() or "?"]
    letters = [word[0].upper() for word in words[:2]]
    return "".join(letters) if letters[0].isascii() else letters[0]


def hue(text: str) -> int:
    """One of the six tints of a placeholder, always the same for the same text."""
    return crc32(text.encode("utf-8")) % N_PLACEHOLDER_HUES


def highlighted(text: str, spans: Spans) -> Markup:
    """`text` for a page, with [start, end) `spans` marked; spans outside of the text are left out.

    >>> str(highlighted("<b> cable", [(4, 9), (90, 99)]))
    '&lt;b&gt; <mark>cable</mark>'
    """
    parts: list[Markup] = []
    at = 0
    for start, end in sorted(spans):
        if at <= start < end <= len(text):
            parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
            at = end
    return Markup("").join([*parts, escape(text[at:])])


def title_spans(item: Item, code: str, highlights: Mapping[str, Spans]) -> Spans:
    """The spans to mark in the title as it is shown in the language `code`: a translation has its own."""
    translated = item.translations.get(code)
    return highlights.get(f"title.{code}" if translated and translated.title else "title", ())
