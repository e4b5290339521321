"""Whether a file is what it says through and through; images come out drawn anew, without anything but the picture.

Pure but heavy: call it in a thread. What it needs is bounded by the size of the file and `MOST_PIXELS`; a document is
read where it lies, a part at a time.
"""

import io
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, cast

from PIL import Image, ImageOps
from pypdf import Configuration, PdfReader, apply_configuration
from pypdf.generic import DictionaryObject, NumberObject

from services.requests.domain.file_refusals import FileActive
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
STREAM_BYTES = 16 * 1024 * 1024
UNPACKED = Configuration(
    array_based_stream_maximum_output_length=STREAM_BYTES,
    brotli_maximum_output_length=STREAM_BYTES,
    lzw_maximum_output_length=STREAM_BYTES,
    run_length_maximum_output_length=STREAM_BYTES,
    zlib_maximum_output_length=STREAM_BYTES,
)
"""What a stream of a document may become: its table and its catalogue, the only ones looked at, are small."""
PIECE_BYTES = 256 * 1024
HEAD = 1024
"""Where what reads HTML or a script looks for it."""
FOREIGN_HEADS = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?php", b"<?xml")
TAIL = 66_000
"""Where the directory of a ZIP archive must end: its comment holds 65,535 bytes at most."""
ACTIVE = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE"})
"""Actions of a document that run a program, fetch or send something."""
END = b"%%EOF"
FOREIGN_TAILS = (b"PK\x05\x06", b"PK\x06\x06")

# Ours is checked before anything is decoded; Pillow's own would only warn up to twice its limit.
Image.MAX_IMAGE_PIXELS = None
# A damaged file is answered to the family; its details are of no use in the logs and could flood them.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def inspect(sent: BinaryIO, kind: Kind, drawn: BinaryIO) -> BinaryIO:
    """What to keep of the file, at its beginning: what was sent, or the picture in it drawn anew into `drawn`.

    Raises `FileUnreadable`, `FileProtected`, `FileActive`, `ImageTooLarge`.
    """
    try:
        sent.seek(0)
        kept = INSPECTIONS[kind](sent, drawn)
        kept.seek(0)
    except Refused:
        raise
    except Exception:
        # Decoders fail in many ways on hostile bytes; each of them means the same to the family.
        raise FileUnreadable() from None
    return kept


def _inspect_pdf(sent: BinaryIO, _: BinaryIO) -> BinaryIO:
    _check_single(sent)
    with apply_configuration(UNPACKED):
        _check_document(sent)
    return sent


def _check_document(sent: BinaryIO) -> None:
    reader = PdfReader(cast(io.BytesIO, sent), strict=False, root_object_recovery_limit=1_000)
    if reader.is_encrypted:
        raise FileProtected()
    _check_passive(reader.root_object)
    pages = cast(DictionaryObject, reader.root_object["/Pages"].get_object())
    # Enough to know that it is a document; its pages are not walked, since nothing bounds how they nest.
    if int(cast(NumberObject, pages["/Count"])) < 1:
        raise FileUnreadable()


def _check_single(sent: BinaryIO) -> None:
    """It is nothing else besides: programs that look at other places of it would find a page or an archive there."""
    head = sent.read(HEAD).lower()
    size = sent.seek(0, io.SEEK_END)
    sent.seek(max(0, size - TAIL))
    tail = sent.read(TAIL)
    sent.seek(0)
    if any(mark in head for mark in FOREIGN_HEADS) or any(mark in tail for mark in FOREIGN_TAILS):
        raise FileUnreadable()
    if END not in tail:
        # What looks for it further up reads line by line, and a line may be as long as the file.
        raise FileUnreadable()


def _check_passive(root: DictionaryObject) -> None:
    """It does nothing by being opened. Raises `FileActive`."""
    names = _part(root, "/Names")
    beside = _part(root, "/AA")
    actions = [_part(root, "/OpenAction"), *(_part(beside, name) for name in beside)]
    if "/JavaScript" in names or any(str(action.get("/S", "")) in ACTIVE for action in actions):
        raise FileActive()


def _part(of: DictionaryObject, name: str) -> DictionaryObject:
    """Empty where it is something else, such as the page to begin at."""
    found = of[name].get_object() if name in of else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _redraw_jpeg(sent: BinaryIO, drawn: BinaryIO) -> BinaryIO:
    if _count(sent, b"\xff\xda") > MOST_SCANS:
        raise FileUnreadable()
    with _opened(sent) as image:
        # Smaller first: what follows costs as many times less.
        image.thumbnail((KEPT_SIDE, KEPT_SIDE))
        # The turn a camera noted would be lost with the note.
        ImageOps.exif_transpose(image, in_place=True)
        return _saved(image if image.mode in {"L", "RGB"} else image.convert("RGB"), "JPEG", drawn)


def _redraw_png(sent: BinaryIO, drawn: BinaryIO) -> BinaryIO:
    with _opened(sent) as image:
        if max(image.size) <= KEPT_SIDE:
            return _saved(image, "PNG", drawn)
        # Two colours or a palette cannot be made smaller without losing the lines of the letters.
        smooth = image.convert(SMOOTH[image.mode]) if image.mode in SMOOTH else image
        smooth.thumbnail((KEPT_SIDE, KEPT_SIDE))
        return _saved(smooth, "PNG", drawn)


def _count(sent: BinaryIO, mark: bytes) -> int:
    """How often two bytes follow each other in it."""
    found, last = 0, b""
    for piece in _pieces(sent):
        found += (last + piece).count(mark)
        last = piece[-1:]
    sent.seek(0)
    return found


def _pieces(sent: BinaryIO) -> Iterator[bytes]:
    while piece := sent.read(PIECE_BYTES):
        yield piece


def _opened(sent: BinaryIO) -> Image.Image:
    image = Image.open(sent, formats=("JPEG", "PNG"))
    if image.width * image.height > MOST_PIXELS:
        raise ImageTooLarge(megapixels=MOST_PIXELS // 1_000_000)
    return image


def _saved(image: Image.Image, form: str, drawn: BinaryIO) -> BinaryIO:
    """The pixels (and the palette's transparency) in a new file: no EXIF, place, comment, profile or thumbnail."""
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    image.save(drawn, form, **({"quality": JPEG_QUALITY} if form == "JPEG" else {}))
    return drawn


INSPECTIONS: Mapping[Kind, Callable[[BinaryIO, BinaryIO], BinaryIO]] = {
    Kind.PDF: _inspect_pdf,
    Kind.JPEG: _redraw_jpeg,
    Kind.PNG: _redraw_png,
}
