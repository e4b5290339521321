"""Cells that a spreadsheet would take for formulas: written so that they stay text, and read back as they were."""

import re

# What begins a formula in the spreadsheets people open exports with; a tab or a line end before one is passed over.
FORMULA = re.compile(r"'*[=+\-@\t\r\n|%＝＋－＠]")
NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n|%＝＋－＠]")


def neutral(cell: str) -> str:
    """With an apostrophe in front of what would be computed, or would look as if one had been put there."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """Without the apostrophe of `neutral`."""
    return cell[1:] if NEUTRALISED.match(cell) else cell
