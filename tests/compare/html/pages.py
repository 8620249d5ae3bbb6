"""Reading a report back: what its pages hold, and where they lead."""

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
        self.feed(path.read_text(encoding="utf-8"))
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


def read_pages(out: Path) -> dict[str, Page]:
    """All pages of a report, by their path in it."""
    return {path.relative_to(out).as_posix(): Page(path) for path in sorted(out.rglob("*.html"))}
