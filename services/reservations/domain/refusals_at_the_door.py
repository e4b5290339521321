"""The ways a mark of staff at the door is refused that a parent never meets."""

from shared.errors import N_, Refused


class LeftAnotherDay(Refused):
    code = "left-another-day"
    status = 422
    title = N_("Left on another day")
    sentence = N_("The child cannot have been collected on another day than %(date)s.")
    remedy = N_("Correct the time, or the clock of the device.")
