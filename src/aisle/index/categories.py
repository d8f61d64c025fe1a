"""The category tree of a result: which paths to show, and the levels down to a chosen one."""

from collections.abc import Collection, Mapping

from aisle.index.pairs import PATH_SEPARATOR


def shown_paths(counts: Mapping[str, int], chosen: Collection[str], limit: int) -> list[str]:
    """The paths to show, most frequent first: every open branch's children, then others up to `limit` in all.

    Open are the top, where a path is the only one on its level its children, each path of `chosen` and
    the paths above it. Of each open branch the `limit` most frequent children are shown; a chosen path
    is, whatever its count.

    >>> shown_paths({"A": 3, "B": 1, "A > C": 2, "A > D": 1, "A > C > E": 2}, {"A > C"}, 3)
    ['A', 'A > C', 'A > C > E', 'A > D', 'B']
    """
    order = sorted(counts, key=lambda path: (-counts[path], path))
    children: dict[str, list[str]] = {}
    for path in order:
        children.setdefault(parent(path), []).append(path)
    opened = {"", *(above for path in chosen for above in ancestors(path))}
    only = ""
    while len(children.get(only, ())) == 1:
        only = children[only][0]
        opened.add(only)
    shown = {child for path in opened for child in children.get(path, ())[:limit]}
    shown |= {above for path in chosen for above in ancestors(path) if above in counts}
    for path in order:
        if len(shown) >= limit:
            break
        shown.add(path)
    return [path for path in order if path in shown]


def parent(path: str) -> str:
    """The path above; empty for the widest.

    >>> parent("A > B > C"), parent("A")
    ('A > B', '')
    """
    return path.rpartition(PATH_SEPARATOR)[0]


def ancestors(path: str) -> list[str]:
    """The path and every path above it, the widest first.

    >>> ancestors("A > B")
    ['A', 'A > B']
    """
    parts = path.split(PATH_SEPARATOR)
    return [PATH_SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts) + 1)]
