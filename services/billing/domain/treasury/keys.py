"""The two check keys of a debt in a PES ORMC file.

Their rules are those open exporters of the format use (domain.md 3.8, 3.10); they were not checked against a file the
DGFiP took.
"""

WEIGHTS = (2, 3, 4, 5, 6, 7)
# 23 letters: I and O look like digits, Z is not used.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXY"


def first_key(number: str) -> str:
    """Cle1, one digit: each character from the right weighs 2, 3, 4, 5, 6, 7 in turn; 11 less the sum modulo 11.

    What would be 10 or 11 is 1. A character that is no digit counts as 0.
    """
    digits = (int(char) if char.isdecimal() and char.isascii() else 0 for char in reversed(number))
    total = sum(digit * WEIGHTS[place % len(WEIGHTS)] for place, digit in enumerate(digits))
    key = 11 - total % 11
    return str(key if key <= 9 else 1)


def second_key(number: str) -> str:
    """Cle2, one letter: the number modulo 23. Raises `ValueError` for what is no number."""
    return LETTERS[int(number) % len(LETTERS)]
