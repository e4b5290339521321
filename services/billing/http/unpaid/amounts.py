"""How tables for spreadsheets write an amount, and the fields these routes share."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.auth import Role
from shared.web import Body, Int

READERS = (Role.MANAGER, Role.CASHIER)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
Cursor = Annotated[str, StringConstraints(max_length=250)]
Days = Annotated[Int, Field(ge=1, le=365)]


class Page(Body):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
