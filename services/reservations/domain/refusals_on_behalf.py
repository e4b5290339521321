"""The ways acting for a family is refused that a family never meets."""

from shared.errors import N_, Refused


class WhichHousehold(Refused):
    code = "which-household"
    status = 422
    title = N_("Which household?")
    sentence = N_("This child lives in two households, and each has its own bookings.")
    remedy = N_("Say in “household_id” for which of them the days are.")


class ReasonMissing(Refused):
    code = "reason-missing"
    status = 422
    title = N_("A reason is needed")
    sentence = N_("Rules are set aside here, and nothing says why.")
    remedy = N_("Say in “reason” why, as the family could read it.")
