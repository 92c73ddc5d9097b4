"""Where the pictures of the guide go: a folder that CHIBO_PICTURES names, or nowhere.

They are kept with few colours: screens and papers have few, and a telephone loads them soon.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

FOLDER = os.environ.get("CHIBO_PICTURES")
COLOURS = 96


def keep(name: str, content: bytes) -> None:
    """Keeps a PNG file, where somebody wants pictures."""
    if FOLDER is None:
        return
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(Path(FOLDER) / f"{name}.png", optimize=True)
