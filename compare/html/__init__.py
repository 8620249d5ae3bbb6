"""The report as a folder of pages that need no network and no server."""

from compare.html.site import write_html

__all__ = ["write_html"]
