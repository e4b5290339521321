"""The ways closing a month is refused because somebody still has to decide."""

from shared.errors import N_, Refused


class RequestsUndecided(Refused):
    code = "requests-undecided"
    title = N_("Requests wait for an answer")
    sentence = N_("%(count)s bookings or cancellations of this month wait for an agent's decision.")
    remedy = N_("Decide on them, then close the month.")
