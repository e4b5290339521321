"""Identifiers: UUIDv7 as text with a type prefix, so that a log line or a URL says what it names."""

import secrets
import time


def uuid7() -> str:
    """32 hex digits, time-ordered (RFC 9562 section 5.7), made once at command time and then stored."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(secrets.token_bytes(10), "big")
    high = (milliseconds << 16) | 0x7000 | (random >> 68 & 0xFFF)
    low = 0x8000_0000_0000_0000 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return f"{high:016x}{low:016x}"


def new_id(prefix: str) -> str:
    """`new_id("chd")` → `chd_0192…`; the prefixes are listed in docs/names.md."""
    return f"{prefix}_{uuid7()}"
