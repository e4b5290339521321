"""The pictures of the documentation: `python -m tests.portal.pictures` takes them anew into docs/screenshots."""

import sys
from io import BytesIO
from pathlib import Path
from shutil import copy

import pytest
from PIL import Image

TAKEN, SHOWN = Path("build/screenshots/docs"), Path("docs/screenshots")
NAMES = ("landing", "month-desktop", "month-phone")
COLOURS = 128
MOST_BYTES = 120 * 1024


def keep(name: str, taken: bytes) -> Path:
    """As a PNG of few colours."""
    TAKEN.mkdir(parents=True, exist_ok=True)
    path = TAKEN / f"{name}.png"
    with Image.open(BytesIO(taken)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main() -> int:
    failed = pytest.main(["-q", "tests/portal/test_pictures.py"])
    if not failed:
        SHOWN.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            copy(TAKEN / f"{name}.png", SHOWN)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
