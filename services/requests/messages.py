"""The door for other services."""

from collections.abc import Callable
from typing import Any

from services.requests.usecases.keep_copies import keep_agent, keep_household, keep_town
from services.requests.usecases.keep_standing import end_adhesion, end_enrolment, keep_adhesion, keep_enrolment
from services.requests.usecases.open_contestation import open_contestation
from shared import former_households, privacy
from shared.contracts import Event
from shared.contracts.billing_papers import ContestationWritten
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, AgentRolesSet, HouseholdProfiled, MunicipalitySet
from shared.contracts.school import ChildEnrolled, EnrolmentEnded

HANDLERS: dict[type[Event], Callable[..., Any]] = {
    MunicipalitySet: keep_town,
    HouseholdProfiled: keep_household,
    AgentRolesSet: keep_agent,
    AdhesionJoined: keep_adhesion,
    AdhesionEnded: end_adhesion,
    ChildEnrolled: keep_enrolment,
    EnrolmentEnded: end_enrolment,
    ContestationWritten: open_contestation,
    **former_households.HANDLERS,
    **privacy.HANDLERS,
}
