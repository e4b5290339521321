"""Which files are taken, and what is left of them."""

import io
import zipfile

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.requests.domain import inspection
from services.requests.domain.files import HEAD_BYTES, Kind, kind_of
from services.requests.domain.inspection import KEPT_SIDE, MOST_SCANS
from services.requests.domain.refusals import (
    DeclaredKindDiffers,
    FileKindRefused,
    FileProtected,
    FileUnreadable,
    ImageTooLarge,
)
from tests.requests.samples import bomb, pdf, picture


def inspect(data: bytes, kind: Kind) -> bytes:
    """What is kept of a file of these bytes."""
    return inspection.inspect(io.BytesIO(data), kind, io.BytesIO()).read()


REAL = [(pdf(), Kind.PDF), (picture("JPEG"), Kind.JPEG), (picture("PNG"), Kind.PNG)]


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("a.txt", "a")
    return packed.getvalue()


@pytest.mark.parametrize(("data", "kind"), REAL)
def test_the_first_bytes_tell_the_kind(data: bytes, kind: Kind) -> None:
    assert kind_of(data[:HEAD_BYTES], kind) is kind


@pytest.mark.parametrize(("data", "kind"), REAL)
@pytest.mark.parametrize("declared", Kind)
def test_a_file_declared_as_another_kind_is_refused(data: bytes, kind: Kind, declared: Kind) -> None:
    if declared is not kind:
        with pytest.raises(DeclaredKindDiffers):
            kind_of(data[:HEAD_BYTES], declared)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        archive(),
        picture("GIF"),
        picture("TIFF"),
        picture("WEBP"),
        picture("BMP"),
        b"MZ" + b"\0" * 100,
        b"\x7fELF" + b"\0" * 100,
        b"#!/bin/sh\nrm -rf /\n",
        b"{\\rtf1\\ansi}",
        b"   %PDF-1.4",
        b"%!PS-Adobe-3.0",
        b"\x1f\x8b\x08" + b"\0" * 20,
        b"Bonjour",
        b"\0" * 20,
        b"",
    ],
)
def test_every_other_kind_is_refused_whatever_it_is_declared_as(data: bytes) -> None:
    for declared in Kind:
        with pytest.raises(FileKindRefused):
            kind_of(data[:HEAD_BYTES], declared)


def test_a_real_document_is_kept_as_it_is() -> None:
    assert inspect(pdf(3), Kind.PDF) == pdf(3)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n<html><script>alert(1)</script></html>",
        b"%PDF-1.4",
        pdf()[:200],
        pdf(0),
        b"%PDF-1.7\n" + b"1 0 obj << >> endobj " * 1_000,
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
        b"%PDF-1.4\n" + b"[" * 50_000 + b"\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
    ],
    ids=["HTML", "head only", "cut", "no page", "no catalogue", "pages in a circle", "nested without end"],
)
def test_what_only_begins_like_a_document_is_unreadable(data: bytes) -> None:
    with pytest.raises(FileUnreadable):
        inspect(data, Kind.PDF)


def test_a_document_with_a_password_is_told_apart() -> None:
    with pytest.raises(FileProtected):
        inspect(pdf(password="secret"), Kind.PDF)


def photo_with_everything() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Appareil de Camille"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    return picture("JPEG", exif=exif.tobytes(), comment=b"chez nous", icc_profile=b"profil" * 50, dpi=(300, 300))


def test_a_photo_loses_everything_but_its_picture() -> None:
    sent = photo_with_everything()
    kept = inspect(sent, Kind.JPEG)

    assert b"Camille" in sent
    assert b"chez nous" in sent
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (60, 40))
        assert dict(image.getexif()) == {}
        assert not {"comment", "icc_profile", "exif"} & image.info.keys()


def test_what_hides_behind_a_picture_is_gone() -> None:
    for form, kind in (("JPEG", Kind.JPEG), ("PNG", Kind.PNG)):
        kept = inspect(picture(form) + b"<script>alert(1)</script>" + archive(), kind)

        assert b"script" not in kept
        assert not zipfile.is_zipfile(io.BytesIO(kept))


def test_a_drawing_loses_its_texts_and_keeps_its_transparency() -> None:
    notes = PngInfo()
    notes.add_text("Author", "Camille")
    sent = picture("PNG", mode="P", pnginfo=notes, transparency=1)
    kept = inspect(sent, Kind.PNG)

    assert b"Camille" in sent
    assert b"Camille" not in kept
    with Image.open(io.BytesIO(kept)) as image, Image.open(io.BytesIO(sent)) as before:
        assert image.info.keys() == {"transparency"}
        assert image.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_a_photo_held_upright_stays_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6

    with Image.open(io.BytesIO(inspect(picture("JPEG", exif=turned.tobytes()), Kind.JPEG))) as image:
        assert image.size == (40, 60)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_photos_of_every_colour_are_taken(mode: str) -> None:
    drawn = io.BytesIO()
    Image.new(mode, (30, 20)).save(drawn, "JPEG", progressive=True)

    assert inspect(drawn.getvalue(), Kind.JPEG)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_drawings_of_every_colour_are_taken(mode: str) -> None:
    drawn = io.BytesIO()
    Image.new(mode, (30, 20)).save(drawn, "PNG")

    assert inspect(drawn.getvalue(), Kind.PNG)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), *[("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA", "I;16")]],
)
def test_an_image_finer_than_any_page_is_made_smaller(form: str, mode: str) -> None:
    drawn = io.BytesIO()
    Image.new(mode, (KEPT_SIDE * 2, 40)).save(drawn, form)

    with Image.open(io.BytesIO(inspect(drawn.getvalue(), Kind(f"image/{form.lower()}")))) as image:
        assert image.size == (KEPT_SIDE, 20)


@pytest.mark.parametrize(("width", "height"), [(100_000, 100_000), (6_400, 6_300), (40_000_001, 1)])
def test_an_image_of_more_pixels_than_a_page_needs_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageTooLarge):
        inspect(bomb(width, height), Kind.PNG)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("JPEG")[:300], Kind.JPEG),
        (picture("PNG")[:50], Kind.PNG),
        (bomb(1_000, 1_000), Kind.PNG),
        (b"\xff\xd8\xff\xe0" + b"\0" * 400, Kind.JPEG),
        (picture("GIF"), Kind.PNG),
        (b"\xff\xd8\xff" + b"\xff\xda" * (MOST_SCANS + 1), Kind.JPEG),
    ],
    ids=["cut photo", "cut drawing", "too few rows", "zeros", "another kind", "scans without end"],
)
def test_a_damaged_image_is_unreadable(data: bytes, kind: Kind) -> None:
    with pytest.raises(FileUnreadable):
        inspect(data, kind)
