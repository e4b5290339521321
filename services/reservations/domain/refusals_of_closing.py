"""The ways closing a month is refused because somebody still has to decide, and reopening one that is not closed."""

from shared.errors import N_, Refused


class RequestsUndecided(Refused):
    code = "requests-undecided"
    title = N_("Requests wait for an answer")
    sentence = N_("%(count)s bookings or cancellations of this month wait for an agent's decision.")
    remedy = N_("Decide on them, then close the month.")


class MonthNotClosed(Refused):
    code = "month-not-closed"
    title = N_("Month not closed")
    sentence = N_("%(month)s is not closed for this programme.")
    remedy = N_("Correct it as it is; there is nothing to reopen.")


class ClosingUnderWay(Refused):
    code = "closing-under-way"
    title = N_("Being closed")
    sentence = N_("%(month)s is being closed or reopened at this moment.")
    remedy = N_("Wait a minute, then try again.")
