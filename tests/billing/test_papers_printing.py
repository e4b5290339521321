"""The layout engine: papers are tagged, archivable, carry their data, and always come out the same."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pypdf
import pytest

from services.billing.app import TEMPLATE
from services.billing.app.facturx_mark import mark_as_facturx
from services.billing.app.printing import TypstPrinter
from services.billing.app.work import Stores, press_of
from services.billing.domain.papers.facturx import facturx
from services.billing.domain.papers.invoice import paper
from services.billing.domain.papers.words import Unprintable
from services.billing.usecases.write_documents import write_documents
from shared.mongo import Database
from tests.billing.samples import draft, invoice
from tests.billing.test_papers import DEBIT, SETTING, credit_note

library = pytest.importorskip("facturx")
etree = pytest.importorskip("lxml.etree")
PRINTER = TypstPrinter(TEMPLATE)


def texts() -> dict[str, Any]:
    return {**paper(invoice(), SETTING), "facturx": facturx(invoice(), SETTING)}


def read(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("name", ["#panic() *Zoé* $x$ \\ <b> [ ] @f", "Nguyễn Đặng", "Łukasz", "Ștefan", "Ελένη"])
async def test_a_name_is_printed_as_it_is_written(name: str) -> None:
    said = texts()
    said["children"][0]["name"] = name

    assert b"pdfuaid" in await PRINTER.print(said)


async def test_a_name_our_font_cannot_write_is_no_reason_to_print_nothing() -> None:
    said = texts()
    said["children"][0]["name"] = "李"

    pdf = await PRINTER.print(said)

    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid" not in pdf


async def test_texts_the_template_misses_are_unprintable() -> None:
    said = texts()
    del said["total"]

    with pytest.raises(Unprintable):
        await PRINTER.print(said)


async def test_a_paper_is_tagged_archivable_and_always_the_same(town: Stores, db: Database) -> None:
    await town.invoices.issue(draft())
    press = press_of(town, PRINTER, "https://portal.example")
    await write_documents(press)
    first = await db["documents"].find_one({})
    await db["documents"].delete_many({})
    await db["invoices"].update_many({}, {"$set": {"documented": False}})
    await write_documents(replace(press, printer=TypstPrinter(TEMPLATE)))
    second = await db["documents"].find_one({})

    assert first is not None
    assert second is not None
    assert first["sha256"] == second["sha256"]
    pdf = bytes(first["pdf"])
    for mark in (b"pdfuaid", b"pdfaid", b"/MarkInfo", b"/StructTreeRoot"):
        assert mark in pdf


async def test_a_paper_reads_as_french() -> None:
    text = read(await PRINTER.print(texts()))

    for said in ("Facture de novembre 2026", "Mme Claire Martin", "Zoé Martin", "17 4,15 € 70,55 €", "123456"):
        assert said in text


async def test_the_data_inside_are_found_and_declared_as_the_standard_says() -> None:
    pdf = await PRINTER.print(texts())

    name, xml = library.get_facturx_xml_from_pdf(pdf)
    root: Any = pypdf.PdfReader(BytesIO(pdf), strict=True).trailer["/Root"]
    metadata = root["/Metadata"].get_data()
    assert (name, library.get_facturx_level(etree.fromstring(xml))) == ("factur-x.xml", "en16931")
    for said in (b"<fx:ConformanceLevel>EN 16931<", b"<pdfuaid:part>1<", b"<pdfaid:part>3<"):
        assert said in metadata
    etree.fromstring(metadata)


async def test_marking_changes_nothing_of_what_was_there() -> None:
    said = texts()
    marked = await PRINTER.print(said)
    plain = await PRINTER.print({**said, "facturx": None} | {"codes": said["codes"]})

    assert b"fx:ConformanceLevel" not in plain
    with pytest.raises(ValueError, match="typst"):
        mark_as_facturx(b"%PDF-1.4 something else")
    assert marked.count(b"startxref") == 2


async def test_each_kind_of_paper_says_what_to_do() -> None:
    debit = read(await PRINTER.print(paper(invoice(), replace(SETTING, debit=DEBIT))))
    credit = read(await PRINTER.print(paper(credit_note(), replace(SETTING, corrects=invoice()))))

    assert "Sera prélevé le 5 janvier 2027" in debit
    assert "SA-12" in debit
    assert "Rectifie la facture F2026-000001" in credit
    assert "À payer" not in credit
