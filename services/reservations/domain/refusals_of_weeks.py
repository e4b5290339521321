"""Why a week would have too many days, or too few. `week` is its Monday."""

from shared.errors import N_, Refused


class TooManyDays(Refused):
    code = "weekly-maximum"
    title = N_("Too many days in the week")
    sentence = N_("At most %(maximum)s days can be booked in the week of %(week)s (rule %(rule)s).")
    remedy = N_("Choose another week, or cancel another day of this one.")


class TooFewDays(Refused):
    """Of bookings, and of cancellations that would leave too few."""

    code = "weekly-minimum"
    title = N_("Too few days in the week")
    sentence = N_("In the week of %(week)s at least %(minimum)s days are booked, or none (rule %(rule)s).")
    remedy = N_("Book more days of this week, or cancel it whole.")
