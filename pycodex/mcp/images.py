"""Images that a server answers with, as the model is shown them (captured: mcp/results_new)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from pycodex.images import Broken, prepared
from pycodex.protocol import Item

if TYPE_CHECKING:
    from pycodex.settings import Settings

__all__ = ["shown_images"]


def shown_images(parts: list[Item], settings: Settings) -> list[Item]:
    """Each image as it came where the model may have that, else made smaller; a text in place of a broken one."""
    whole = bool(settings.model.get("supports_image_detail_original"))
    style = settings.dialect.images
    shown: list[Item] = []
    for part in parts:
        if part["type"] != "input_image":
            shown.append(part)
            continue
        try:
            data = base64.b64decode(part["image_url"].partition(",")[2], validate=True)
            kind, data = prepared(data, None if whole else style.limits)
        except (Broken, binascii.Error):
            shown.append({"type": "input_text", "text": style.undecodable})
            continue
        url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        shown.append({"type": "input_image", "image_url": url, "detail": "original" if whole else "high"})
    return shown
