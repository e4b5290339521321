"""Forty files nobody means well with: their names here, their bytes, and what they are declared as."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from deploy.sandbox.antivirus import EICAR
from tests.requests.samples import bomb, pdf, picture

MARK = b"hostile"
"""In every one of them: nothing that is served may hold it."""
SCRIPT = b"<script>alert('hostile')</script>"
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
BOMB_MB = 150


def hostile_files() -> Iterator[tuple[str, bytes, str]]:
    yield from pages()
    yield from archives()
    yield from programs()
    yield from documents()
    yield from pictures()


def pages() -> Iterator[tuple[str, bytes, str]]:
    yield "page as document", b"<!DOCTYPE html>" + SCRIPT, PDF
    yield "page as photo", b"<html>" + SCRIPT, JPEG
    yield "drawing that runs", b"<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'/>", PNG
    yield "drawing behind a declaration", b"<?xml version='1.0'?><svg onload='hostile()'/>", PNG
    entity = b"<!DOCTYPE a [<!ENTITY hostile SYSTEM 'file:///etc/passwd'>]><a>&hostile;</a>"
    yield "entity", b"<?xml version='1.0'?>" + entity, PDF
    yield "archive of a page", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + SCRIPT, PDF
    yield "style sheet", b"@import url('http://127.0.0.1/hostile');", PNG
    yield "page in UTF-16", SCRIPT.decode().encode("utf-16") + MARK, PDF
    yield "mark before a page", b"\xef\xbb\xbf<html>" + SCRIPT, JPEG


def archives() -> Iterator[tuple[str, bytes, str]]:
    yield "archive", zipped("hostile.txt", b"a"), PDF
    yield "archive of a path", zipped("../../../etc/cron.d/hostile", b"a"), PDF
    yield "archive that grows", zipped("hostile.bin", b"\0" * 5_000_000), PNG
    yield "archive in an archive", zipped("hostile.zip", zipped("a.zip", zipped("b", b"c"))), PDF
    yield "letter with macros", zipped("word/vbaProject.bin", MARK), PDF
    yield "compressed", b"\x1f\x8b\x08" + zlib.compress(MARK * 1_000) + MARK, JPEG
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tape:
        tape.add(__file__, "../../hostile")
    yield "tape", packed.getvalue(), PDF
    yield "seven", b"7z\xbc\xaf\x27\x1c" + MARK, PDF
    yield "rar", b"Rar!\x1a\x07\x01\x00" + MARK, PNG


def programs() -> Iterator[tuple[str, bytes, str]]:
    yield "windows", b"MZ" + b"\0" * 60 + MARK, PDF
    yield "linux", b"\x7fELF" + b"\0" * 60 + MARK, JPEG
    yield "java", b"\xca\xfe\xba\xbe" + MARK, PNG
    yield "shell", b"#!/bin/sh\necho hostile\n", PDF
    yield "php", b"<?php system('hostile'); ?>", JPEG
    yield "test file", EICAR + MARK, PDF
    yield "rich text", b"{\\rtf1{\\object hostile}}", PDF
    yield "postscript", b"%!PS-Adobe-3.0\n(hostile) run", PDF


def documents() -> Iterator[tuple[str, bytes, str]]:
    yield "head of a document over a page", b"%PDF-1.7\n" + SCRIPT, PDF
    yield "page in the first lines", pdf().replace(b"\n", b"\n%<html>" + SCRIPT + b"\n", 1), PDF
    yield "archive at the end", pdf() + zipped("hostile.txt", b"a"), PDF
    yield "script at opening", opening("/JavaScript", "/JS"), PDF
    yield "program at opening", opening("/Launch", "/F"), PDF
    yield "script by name", by_name(), PDF
    circle = b"1 0 obj<</Type/Catalog/Pages 1 0 R/a(hostile)>>endobj\ntrailer<</Root 1 0 R>>"
    yield "pages in a circle", b"%PDF-1.4\n" + circle, PDF
    nested = b"[" * 50_000 + MARK + b"\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    yield "nested without end", b"%PDF-1.4\n" + nested, PDF
    yield "grows when opened", growing(), PDF


def pictures() -> Iterator[tuple[str, bytes, str]]:
    yield "photo over a page", picture("JPEG") + SCRIPT, JPEG
    yield "photo over an archive", picture("JPEG") + zipped("hostile", b"a"), JPEG
    yield "photo with a comment", picture("JPEG", comment=SCRIPT), JPEG
    yield "drawing over a program", picture("PNG") + b"<?php hostile(); ?>", PNG
    yield "drawing of ten thousand million points", bomb() + MARK, PNG
    yield "photo declared as document", picture("JPEG") + MARK, PDF
    yield "animation", picture("GIF") + MARK, PNG


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return packed.getvalue() + MARK


def opening(action: str, what: str) -> bytes:
    writer, drawn = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    does = {NameObject("/S"): NameObject(action), NameObject(what): TextStringObject("hostile()")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(does)
    writer.write(drawn)
    return drawn.getvalue()


def by_name() -> bytes:
    writer, drawn = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    does = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("hostile()")}
    script = DictionaryObject(does)
    tree = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), script])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})
    writer.write(drawn)
    return drawn.getvalue()


def growing() -> bytes:
    """Its catalogue is in a stream that becomes a thousand times as large."""
    packing = zlib.compressobj(1)
    packed = b"".join(packing.compress(b" " * 1_000_000) for _ in range(BOMB_MB)) + packing.flush()
    head = b"%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1/First 5/Filter/FlateDecode/a(hostile)/Length "
    stream = head + str(len(packed)).encode() + b">>stream\n" + packed + b"\nendstream endobj\n"
    entries = b"\x00\x00\x00\x00\x01\x00\x09\x00\x02\x00\x01\x00"
    where = str(len(stream)).encode()
    table = b"3 0 obj<</Type/XRef/Size 3/W[1 2 1]/Root 2 0 R/Length 12>>stream\n" + entries + b"\nendstream endobj\n"
    return stream + table + b"startxref\n" + where + b"\n%%EOF"
