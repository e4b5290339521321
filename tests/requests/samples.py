"""Categories, answers and documents as towns and families make them."""

import io
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from pypdf import PdfWriter

from services.requests.domain.categories import Category, Slot
from services.requests.domain.files import Kind
from services.requests.domain.requests import Attachment, Entry, Request

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
TOWN = "sainte-aurore"
OTHER_TOWN = "le-val-dore"
HOUSEHOLD = "hsh_martin"
OTHER_HOUSEHOLD = "hsh_durand"
CHILD = "chd_zoe"

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "nom": {"type": "string", "title": "Nom", "minLength": 2, "maxLength": 80},
        "depuis": {"type": "string", "title": "À partir du", "format": "date"},
        "lien": {"type": "string", "title": "Lien", "enum": ["Grand-parent", "Autre"]},
    },
    "required": ["nom", "depuis"],
    "additionalProperties": False,
}
ANSWERS = {"nom": "Dupont", "depuis": "2026-12-01"}
ENTRY: dict[str, Any] = {
    "id": "personne-autorisee",
    "thematic": "Périscolaire",
    "name": "Autoriser une personne",
    "instructions": "Qui, et depuis quand.",
    "form": FORM,
    "about_child": True,
    "attachments": [
        {"slot": "piece-identite", "name": "Pièce d'identité", "mandatory": True},
        {"slot": "courrier", "name": "Courrier", "mandatory": False},
    ],
}
CATEGORY = Category(
    id=f"{TOWN}.personne-autorisee",
    municipality_id=TOWN,
    version=1,
    offered=True,
    thematic="Périscolaire",
    name="Autoriser une personne",
    instructions="Qui, et depuis quand.",
    about_child=True,
    form=FORM,
    slots=(
        Slot(id="piece-identite", name="Pièce d'identité", mandatory=True),
        Slot(id="courrier", name="Courrier", mandatory=False),
    ),
)
SCAN = Attachment(file_id="fil_scan", kind=Kind.PDF, bytes=1000, added_at=NOW)
DRAFT = Request(
    id="req_1",
    household_id=HOUSEHOLD,
    municipality_id=TOWN,
    category=CATEGORY,
    child_id=CHILD,
    answers=ANSWERS,
    created_at=NOW,
    history=(Entry(who="guardian", at=NOW, state="draft", account_id="acc_parent"),),
)


def entry(**changes: Any) -> dict[str, Any]:
    """A category of a town's file."""
    return {**ENTRY, **changes}


def form(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def text(**keywords: Any) -> dict[str, Any]:
    return {"type": "string", "title": "Champ", **keywords}


def messages(errors: list[dict[str, Any]]) -> Mapping[str, str]:
    """Message by field."""
    return {error["field"]: error["message"] for error in errors}


def pdf(pages: int = 1, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    drawn = io.BytesIO()
    writer.write(drawn)
    return drawn.getvalue()


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size, 1 if mode == "P" else "red").save(drawn, form, **options)
    return drawn.getvalue()


def bomb(width: int = 100_000, height: int = 100_000) -> bytes:
    """A small PNG that announces that many pixels."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")
