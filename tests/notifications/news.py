"""Articles, enrolments and files for the tests of news."""

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from services.notifications.domain.news.audience import Audience, Enrolment, Place
from services.notifications.domain.news.item import NewsItem
from tests.notifications.samples import HOUSEHOLD, NOW

TOWN = "sainte-aurore"
CANTEEN, CENTRE = f"{TOWN}.restaurant", f"{TOWN}.centre"
TILLEULS, ACACIAS = f"{TOWN}.tilleuls", f"{TOWN}.acacias"
LATER = NOW + timedelta(days=3)
CHILD = next(iter(HOUSEHOLD.children))


def article(number: int = 1, *, town: str = TOWN, minutes: int = 0, **said: Any) -> NewsItem:
    """Published as many minutes after NOW; its title is its number."""
    item = NewsItem(
        id=f"nws_{number:04d}",
        municipality_id=town,
        title=str(number),
        category="Information",
        body_html="<p>…</p>",
        published_at=NOW + timedelta(minutes=minutes or number),
        published_by="acc_1",
    )
    return replace(item, **said)


def draft(number: int = 1, **said: Any) -> NewsItem:
    return article(number, **{"state": "draft", "published_at": None, "edited_at": NOW, **said})


def place(programme_id: str = CANTEEN, site_id: str = TILLEULS, group: str = "CP", *, town: str = TOWN) -> Place:
    return Place(municipality_id=town, programme_id=programme_id, site_id=site_id, group=group)


def enrolment(
    number: int = 1, *, child_id: str = CHILD, at: Place | None = None, ends: date = date(2027, 7, 2)
) -> Enrolment:
    return Enrolment(id=f"enr_{number}", child_ids=(child_id,), place=at or place(), ends=ends)


def audience(**named: tuple[str, ...]) -> Audience:
    return Audience(**named)


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P") else "#3366aa" if mode == "RGB" else (10, 20, 30, 0)).save(
        out, form, **saved
    )
    return out.getvalue()


def pdf(pages: int = 1, *, script: bool = False, attached: bool = False, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        )
        writer.root_object[NameObject("/OpenAction")] = action
    if attached:
        writer.add_attachment("tool.exe", b"MZ")
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
