"""Images that the model makes: 0.115.0 keeps them as files, and tells the model where (captured: output/image_made)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path

from pycodex.protocol import Item

__all__ = ["keep_image"]


def keep_image(item: Item, environment: Mapping[str, str]) -> Path | None:
    """Writes the image of an `image_generation_call` into the folder for temporary files, under its id; the folder.

    None for another item, for content that is no base64, and where it cannot be written.
    """
    if item["type"] != "image_generation_call":
        return None
    folder = Path(environment.get("TMPDIR") or "/tmp")
    name = re.sub(r"[^A-Za-z0-9_-]", "_", item.get("id") or "") or "generated_image"
    try:
        (folder / f"{name}.png").write_bytes(base64.b64decode(item["result"].strip(), validate=True))
    except (binascii.Error, ValueError, OSError):
        return None
    return folder
