"""Whether a file is what it says through and through; images come out drawn anew, without anything but the picture.

Pure but heavy: call it in a thread. What it needs is bounded by the size of the file and `MOST_PIXELS`.
"""

import io
import logging
from collections.abc import Callable, Mapping
from typing import cast

from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, NumberObject

from services.requests.domain.files import Kind
from services.requests.domain.refusals import FileProtected, FileUnreadable, ImageTooLarge
from shared.errors import Refused

MOST_PIXELS = 40_000_000
KEPT_SIDE = 3_508
"""Pixels: the long side of an A4 page at 300 dots per inch; more makes no paper more readable."""
MOST_SCANS = 100
"""A progressive JPEG makes about ten; each costs a pass over the whole picture."""
JPEG_QUALITY = 88
SMOOTH = {"1": "L", "P": "RGBA"}

# Ours is checked before anything is decoded; Pillow's own would only warn up to twice its limit.
Image.MAX_IMAGE_PIXELS = None
# A damaged file is answered to the family; its details are of no use in the logs and could flood them.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def inspect(data: bytes, kind: Kind) -> bytes:
    """What to keep of the file. Raises `FileUnreadable`, `FileProtected`, `ImageTooLarge`."""
    try:
        return INSPECTIONS[kind](data)
    except Refused:
        raise
    except Exception:
        # Decoders fail in many ways on hostile bytes; each of them means the same to the family.
        raise FileUnreadable() from None


def _inspect_pdf(data: bytes) -> bytes:
    reader = PdfReader(io.BytesIO(data), strict=False, root_object_recovery_limit=1_000)
    if reader.is_encrypted:
        raise FileProtected()
    pages = cast(DictionaryObject, reader.root_object["/Pages"].get_object())
    # Enough to know that it is a document; its pages are not walked, since nothing bounds how they nest.
    if int(cast(NumberObject, pages["/Count"])) < 1:
        raise FileUnreadable()
    return data


def _redraw_jpeg(data: bytes) -> bytes:
    if data.count(b"\xff\xda") > MOST_SCANS:
        raise FileUnreadable()
    with _opened(data) as image:
        # Smaller first: what follows costs as many times less.
        image.thumbnail((KEPT_SIDE, KEPT_SIDE))
        # The turn a camera noted would be lost with the note.
        ImageOps.exif_transpose(image, in_place=True)
        return _saved(image if image.mode in {"L", "RGB"} else image.convert("RGB"), "JPEG")


def _redraw_png(data: bytes) -> bytes:
    with _opened(data) as image:
        if max(image.size) <= KEPT_SIDE:
            return _saved(image, "PNG")
        # Two colours or a palette cannot be made smaller without losing the lines of the letters.
        smooth = image.convert(SMOOTH[image.mode]) if image.mode in SMOOTH else image
        smooth.thumbnail((KEPT_SIDE, KEPT_SIDE))
        return _saved(smooth, "PNG")


def _opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    if image.width * image.height > MOST_PIXELS:
        raise ImageTooLarge(megapixels=MOST_PIXELS // 1_000_000)
    return image


def _saved(image: Image.Image, form: str) -> bytes:
    """The pixels (and the palette's transparency) in a new file: no EXIF, place, comment, profile or thumbnail."""
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    drawn = io.BytesIO()
    image.save(drawn, form, **({"quality": JPEG_QUALITY} if form == "JPEG" else {}))
    return drawn.getvalue()


INSPECTIONS: Mapping[Kind, Callable[[bytes], bytes]] = {
    Kind.PDF: _inspect_pdf,
    Kind.JPEG: _redraw_jpeg,
    Kind.PNG: _redraw_png,
}
