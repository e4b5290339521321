"""Papers by typst: tagged and accessible (PDF/UA-1), fit for ten years of keeping (PDF/A-3a, which may hold data)."""

import asyncio
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import segno
import structlog
from segno.helpers import make_epc_qr

from services.billing.app.facturx_mark import mark_as_facturx
from services.billing.domain.papers.words import Unprintable

log = structlog.get_logger()
STANDARDS = ["ua-1", "a-3a"]
AT_ONCE = 2


class TypstPrinter:
    """Compiles in threads, `at_once` papers side by side, each compiler keeping the templates and its fonts."""

    def __init__(self, template: Path, at_once: int = AT_ONCE) -> None:
        self._template = template
        self._idle: list[Any] = []
        self._places = asyncio.Semaphore(at_once)

    async def print(self, texts: dict[str, Any]) -> bytes:
        """The same texts always give the same bytes: the day of issue is the paper's own time. Raises `Unprintable`."""
        async with self._places:
            # A layout engine and its fonts, 25 MB each, that a service without a paper to print need not hold.
            compiler = self._idle.pop() if self._idle else await asyncio.to_thread(self._new_compiler)
            try:
                return await asyncio.to_thread(_print, compiler, texts)
            finally:
                self._idle.append(compiler)

    def _new_compiler(self) -> Any:
        return import_module("typst").Compiler(str(self._template), ignore_system_fonts=True)


def _print(compiler: Any, texts: dict[str, Any]) -> bytes:
    codes = {name: {**code, "svg": _drawn(code)} for name, code in texts.get("codes", {}).items()}
    # typst's errors quote the text they are about: only their kind may be logged.
    try:
        pdf = _compile(compiler, {**texts, "codes": codes}, STANDARDS)
        return mark_as_facturx(pdf) if texts.get("facturx") else pdf
    except RuntimeError:
        # A name in a script our font does not have: the family gets its paper all the same.
        log.warning("paper_printed_below_standards", template=texts.get("template"), number=texts.get("number"))
    try:
        return _compile(compiler, {**texts, "codes": codes}, [])
    except RuntimeError:
        raise Unprintable from None


def _compile(compiler: Any, texts: dict[str, Any], standards: list[str]) -> bytes:
    year, month, day = texts["issued"]
    pdf: bytes = compiler.compile(
        format="pdf",
        sys_inputs={"texts": json.dumps(texts, ensure_ascii=False)},
        pdf_standards=standards,
        timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
    )
    return pdf


def _drawn(code: dict[str, Any]) -> str:
    """A code as a picture, without its quiet zone: the paper leaves white around it."""
    drawn = io.BytesIO()
    _made(code).save(drawn, kind="svg", xmldecl=False, border=0)
    return drawn.getvalue().decode()


def _made(code: dict[str, Any]) -> segno.QRCode:
    if code["kind"] == "link":
        return segno.make(code["content"], error="m", micro=False)
    euros = Decimal(code["cents"]) / 100
    return make_epc_qr(name=code["holder"], iban=code["iban"], bic=code["bic"] or None, amount=euros, text=code["text"])
