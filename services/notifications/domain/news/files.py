"""What is joined to an article: pictures, drawn anew in two sizes, and PDFs that run nothing.

Pure but heavy: call it in a thread. What it needs is bounded by the size of the file and `MOST_PIXELS`.
"""

import io
import logging
import unicodedata
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader

from services.notifications.domain.news.refusals import (
    DocumentActive,
    DocumentUnreadable,
    PictureTooLarge,
    PictureUnreadable,
)
from shared.errors import Refused

PICTURE_BYTES = 10 * 1024 * 1024
# Within one document of the database, which holds 16 MB.
DOCUMENT_BYTES = 8 * 1024 * 1024
PICTURE_KINDS = ("image/jpeg", "image/png", "image/webp")
MOST_PIXELS = 40_000_000
# A progressive JPEG makes about ten passes; each costs one over the whole picture.
MOST_SCANS = 100
LARGE_SIDE = 1_600
SMALL_SIDE = 480
QUALITY = 82
LONGEST_NAME = 120
# What a page of paper never does: run, open, send, or carry something else.
ACTIVE_AT_ROOT = ("/OpenAction", "/AA")
ACTIVE_NAMES = ("/JavaScript", "/EmbeddedFiles")

# Ours is checked before anything is decoded; Pillow's own would only warn up to twice its limit.
Image.MAX_IMAGE_PIXELS = None
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """JPEGs of the pixels alone: no place, no camera, no comment, nothing that came with them."""

    large: bytes
    small: bytes
    width: int
    height: int


def drawn(data: bytes) -> Drawn:
    """Raises `PictureUnreadable`, `PictureTooLarge`."""
    try:
        return _drawn(data)
    except Refused:
        raise
    except Exception:
        # Decoders fail in many ways on hostile bytes; each of them means the same to the editor.
        raise PictureUnreadable() from None


def _drawn(data: bytes) -> Drawn:
    if data.count(b"\xff\xda") > MOST_SCANS and data.startswith(b"\xff\xd8"):
        raise PictureUnreadable()
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
        if image.width * image.height > MOST_PIXELS:
            raise PictureTooLarge(megapixels=MOST_PIXELS // 1_000_000)
        # Smaller first: what follows costs as many times less.
        image.draft("RGB", (LARGE_SIDE, LARGE_SIDE))
        ImageOps.exif_transpose(image, in_place=True)
        flat = _on_white(image)
    flat.thumbnail((LARGE_SIDE, LARGE_SIDE))
    small = flat.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Drawn(large=_saved(flat), small=_saved(small), width=flat.width, height=flat.height)


def _on_white(image: Image.Image) -> Image.Image:
    """A new picture: what is transparent is white, as the page it was made for."""
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _saved(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def checked_pdf(data: bytes) -> None:
    """Raises `DocumentUnreadable`, `DocumentActive`."""
    # A PDF that begins later may begin as something else for whoever sniffs it.
    if not data.startswith(b"%PDF-"):
        raise DocumentUnreadable()
    try:
        root = _root_of(data)
        pages = int(root["/Pages"]["/Count"])
        active = any(name in root for name in ACTIVE_AT_ROOT)
        names = root.get("/Names") or {}
        active = active or any(name in names for name in ACTIVE_NAMES)
    except Exception:
        raise DocumentUnreadable() from None
    if pages < 1:
        raise DocumentUnreadable()
    if active:
        raise DocumentActive()


def _root_of(data: bytes) -> Any:
    reader = PdfReader(io.BytesIO(data), strict=False, root_object_recovery_limit=1_000)
    if reader.is_encrypted:
        raise ValueError("a password")
    return reader.root_object


def shown_name(name: str) -> str:
    """A file name that is only a name: no folder, nothing unseen, not endless, and a PDF's."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(one for one in unicodedata.normalize("NFC", last) if unicodedata.category(one)[0] != "C")
    stem = " ".join(seen.split()).removesuffix(".pdf").removesuffix(".PDF").strip(". ")
    return f"{stem[: LONGEST_NAME - 4] or 'document'}.pdf"
