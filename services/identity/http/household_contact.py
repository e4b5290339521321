"""Address, phones and e-mail addresses of the household, changed at once."""

from typing import Annotated

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.contacts import Contact, GuardianContact
from services.identity.domain.households import MOST_GUARDIANS
from services.identity.domain.text import LINE_LENGTH
from services.identity.http.fields import EmailAddress, Phone
from services.identity.http.households import HouseholdAnswer, answer_with_version, shown_household
from services.identity.http.parts import PARTS
from services.identity.usecases.edit_contact import edit_contact
from shared.auth import Caller
from shared.text import tidy
from shared.web import GUARDIAN, Body, Route

log = structlog.get_logger()
Id = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Address = Annotated[str, StringConstraints(max_length=LINE_LENGTH), AfterValidator(tidy)]


class GuardianContactBody(Body):
    """`email`: left out to keep it; who has a log-in changes it in the own account."""

    guardian_id: Id
    phone: Phone
    secondary_phone: Phone = ""
    email: EmailAddress | None = None


class ContactBody(Body):
    """Guardians left out stay as they are."""

    address: Address
    guardians: Annotated[tuple[GuardianContactBody, ...], Field(max_length=MOST_GUARDIANS)] = ()

    def contact(self) -> Contact:
        guardians = tuple(GuardianContact(**one.model_dump()) for one in self.guardians)
        return Contact(address=self.address, guardians=guardians)


async def change_contact(request: web.Request, caller: Caller, body: ContactBody) -> web.Response:
    """Change how the household is reached; `If-Match` names the version that was read (`ETag` of the household)."""
    parts = request.app[PARTS]
    household = await edit_contact(
        caller.household(),
        body.contact(),
        request.headers.get("If-Match", ""),
        households=parts.households,
        accounts=parts.accounts,
        writes=parts.own.writes,
        clock=parts.clock,
    )
    log.info("household_contact_changed", household_id=household.id)
    return answer_with_version(await shown_household(household, parts.towns), household.version)


ROUTES = [
    Route(
        method="PUT",
        path="/api/v1/household/contact",
        handler=change_contact,
        who=GUARDIAN,
        body=ContactBody,
        answer=HouseholdAnswer,
    )
]
