"""What was measured, as docs/benchmarks.md says it."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import imports, login, month_end, price_quotes, search, statement
from benchmarks.imports import Import
from benchmarks.load import Outcome
from benchmarks.login import LogIn
from benchmarks.month_end import Ended
from benchmarks.search import Searched
from benchmarks.single_booking import CLIENTS, ROUNDS, SHOTS, Measured
from benchmarks.statement import Streamed
from shared.clock import system_clock

FILE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
NAMES = {
    "transaction": "bare: capacity, booking and event in one majority transaction",
    "preau": "Préau: gateway, reservations, relay, broker, billing, notifications",
    "document": "bare: the one-document form",
}


@dataclass(frozen=True)
class Figures:
    """`reservations`: sections that are written already."""

    booking: Mapping[str, Measured]
    reservations: Sequence[list[str]]
    effect: Outcome
    log_in: LogIn
    imported: Import
    searched: Searched
    memory: Mapping[str, float]
    quoted: Outcome
    ended: Ended
    stated: Streamed


def write(figures: Figures) -> str:
    """The document; also kept in docs/benchmarks.md."""
    text = "\n".join(
        [
            *_head(),
            *_booking(figures.booking),
            *(line for section in figures.reservations for line in section),
            *_effect(figures.effect),
            *login.section(figures.log_in),
            *imports.section(figures.imported),
            *search.section(figures.searched),
            *price_quotes.section(figures.quoted),
            *month_end.section(figures.ended),
            *statement.section(figures.stated),
            *_memory(figures.memory),
            "",
            *_hour(),
        ]
    )
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    return text


def _hour() -> list[str]:
    """What `make bench-hour` found the last time: this run leaves it as it is."""
    _, heading, rest = (FILE.read_text() if FILE.exists() else "").partition("\n## Memory over an hour\n")
    return [heading.strip(), rest.partition("\n## ")[0].rstrip(), ""] if heading else []


def _head() -> list[str]:
    return [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {system_clock():%Y-%m-%d}: {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, MongoDB and RabbitMQ embedded, the load generator beside them.",
        "Compare ratios and CPU per operation, not rates: other work on the machine changes those.",
        "",
    ]


def _booking(measured: Mapping[str, Measured]) -> list[str]:
    bare, ours = measured["transaction"], measured["preau"]
    rows = [
        f"| {NAMES[name]} | {one.rate:.0f} | {one.p50:.1f} / {one.p99:.1f} | {one.cpu_ms:.2f} | {one.failed} |"
        for name, one in measured.items()
    ]
    return [
        "## One booking",
        "",
        f"{CLIENTS} clients in a closed loop; {ROUNDS} interleaved rounds of {SHOTS} bookings after a warm-up; medians."
        " CPU is that of every server process (the seven services, database, broker), until all effects are there; "
        "for the bare forms that of their process and of the database.",
        "",
        "| what | per second | p50 / p99 ms | server CPU ms each | not 201 |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"- Throughput beside the bare transaction: **{ours.rate / bare.rate:.2f}** (to reach: at least 0.5).",
        f"- CPU beside the bare transaction: **{ours.cpu_ms / bare.cpu_ms:.2f}** times (to reach: at most 3).",
        "",
    ]


def _effect(outcome: Outcome) -> list[str]:
    return [
        "## From commit to the other service's effect",
        "",
        f"{len(outcome.latencies)} bookings at 100 a second; from the change of the month sheet in reservations to the "
        "change of the charge sheet in billing, both seen through change streams.",
        "",
        f"- p50 **{outcome.median:.1f} ms** (to reach: under 50), p99 **{outcome.quantile(0.99):.1f} ms** (under 250).",
        "",
    ]


def _memory(memory: Mapping[str, float]) -> list[str]:
    rows = [f"| {name} | {megabytes:.0f} |" for name, megabytes in memory.items()]
    return [
        "## Resident memory after the demonstration",
        "",
        "| service | MB |",
        "|---|---|",
        *rows,
        f"| **together** | **{sum(memory.values()):.0f}** (to reach: under 700) |",
    ]
