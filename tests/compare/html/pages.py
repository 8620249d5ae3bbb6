"""Reading a report back: what its pages hold, and where they lead."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["Page", "read_pages"]


class Page(HTMLParser):
    """Tags with their attributes, ids, links and the text of a page. Unbalanced tags are an error."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(_with_shared_rows(path))
        assert self._open in ([], ["html"], ["html", "body"]), f"{path}: {self._open} are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{self.path}: {tag} is closed out of order"

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        """The values of these attributes, in order."""
        return [attrs[name] or "" for _, attrs in self.tags for name in names if name in attrs]

    def all(self, tag: str, **attrs: str) -> list[dict[str, str | None]]:
        """The attributes of each such tag that has these among its own."""
        return [found for name, found in self.tags if name == tag and attrs.items() <= found.items()]


def _with_shared_rows(path: Path) -> str:
    """The page as it is when its script has put in the rows that it names."""
    text = path.read_text(encoding="utf-8")
    script = re.search(r'<script src="([./]*)(rows/[^"]+)">', text)
    if script is None:
        return text
    listed = (path.parent / script[1] / script[2]).read_text(encoding="utf-8")
    rows: list[str] = json.loads(listed.removeprefix("globalThis.ROWS = ").removesuffix(";\n"))

    def filled(match: re.Match[str]) -> str:
        return match[1] + "".join(rows[int(number, 36)] for number in match[2].split())

    text = re.sub(r'(<table class="sides" data-rows="([^"]*)">)', filled, text)
    return text.replace(' data-src="', f' src="{script[1]}')


def read_pages(out: Path) -> dict[str, Page]:
    """All pages of a report, by their path in it."""
    return {path.relative_to(out).as_posix(): Page(path) for path in sorted(out.rglob("*.html"))}
