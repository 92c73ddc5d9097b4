"""Where the pictures of the guide go: a folder that CHIBO_PICTURES names, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

FOLDER = os.environ.get("CHIBO_PICTURES")
GREYS = 16


def keep(name: str, content: bytes) -> None:
    """Keeps a PNG file as it is, where somebody wants pictures."""
    if FOLDER is not None:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        (Path(FOLDER) / f"{name}.png").write_bytes(content)


def keep_page(name: str, drawn: Path) -> None:
    """Keeps a printed page, small: it is black on white."""
    if FOLDER is not None:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        page = Image.open(drawn).convert("L").quantize(GREYS)
        page.save(Path(FOLDER) / f"{name}.png", optimize=True)
