"""The invoice's paper by typst: tagged and accessible (PDF/UA-1), fit for ten years of keeping (PDF/A-2a)."""

import asyncio
import json
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import structlog

from services.billing.domain.paper import Unprintable

log = structlog.get_logger()
STANDARDS = ["ua-1", "a-2a"]


class TypstPrinter:
    """Compiles in a thread, one paper at a time: the compiler keeps the template and its fonts between papers."""

    def __init__(self, template: Path) -> None:
        self._template = template
        self._one_at_a_time = asyncio.Lock()

    @cached_property
    def _compiler(self) -> Any:
        # A layout engine and its fonts, 25 MB, that a service without an invoice to print need not hold.
        return import_module("typst").Compiler(str(self._template), ignore_system_fonts=True)

    async def print(self, texts: dict[str, Any]) -> bytes:
        """The same texts always give the same bytes: the day of issue is the paper's own time."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._print, texts)

    def _print(self, texts: dict[str, Any]) -> bytes:
        # typst's errors quote the text they are about: only their kind may be logged.
        try:
            return self._compile(texts, STANDARDS)
        except RuntimeError:
            # A name in a script our font does not have: the family gets its invoice all the same.
            log.warning("invoice_printed_below_standards", number=texts["number"])
        try:
            return self._compile(texts, [])
        except RuntimeError:
            raise Unprintable from None

    def _compile(self, texts: dict[str, Any], standards: list[str]) -> bytes:
        year, month, day = texts["issued"]
        pdf: bytes = self._compiler.compile(
            format="pdf",
            sys_inputs={"texts": json.dumps(texts, ensure_ascii=False)},
            pdf_standards=standards,
            timestamp=int(datetime(year, month, day, tzinfo=UTC).timestamp()),
        )
        return pdf
