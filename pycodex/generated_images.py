"""Images that the model makes: 0.115.0 keeps them as files, and tells the model where (captured: output/image_made)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pycodex.protocol import Item

if TYPE_CHECKING:
    from pycodex.context import ContextManager
    from pycodex.context_events import ContextItem

__all__ = ["keep_image", "record_image"]


def record_image(context: ContextManager, item: Item) -> ContextItem | None:
    """What the model is told of an image that it makes joins the history; None where there is nothing to say."""
    settings = context.settings
    folder = keep_image(item, settings.environment) if settings.dialect.items.keeps_images else None
    if folder is None:
        return None
    text = settings.data.text("generated_images.md").replace("{folder}", str(folder))
    return context.record_note("developer", text, "generic.generated_images")


def keep_image(item: Item, environment: Mapping[str, str]) -> Path | None:
    """Writes the image of an `image_generation_call` into the folder for temporary files, under its id; the folder.

    None for another item, for content that is no base64, and where it cannot be written.
    """
    if item["type"] != "image_generation_call":
        return None
    import base64  # here, since hardly any turn makes an image
    import binascii

    folder = Path(environment.get("TMPDIR") or "/tmp")
    name = re.sub(r"[^A-Za-z0-9_-]", "_", item.get("id") or "") or "generated_image"
    try:
        (folder / f"{name}.png").write_bytes(base64.b64decode(item["result"].strip(), validate=True))
    except (binascii.Error, ValueError, OSError):
        return None
    return folder
