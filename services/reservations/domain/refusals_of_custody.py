"""Why a household cannot change a day of a child it shares with another. Facts as in `refusals_of_days`."""

from shared.errors import N_, Refused


class OtherHouseholdsDay(Refused):
    """By the custody plan, for booking and for cancelling: neither parent decides over the other's days."""

    code = "other-households-day"
    title = N_("A day of the other household")
    sentence = N_("By the custody weeks the town hall keeps, the child is with the other household on %(day)s.")
    remedy = N_(
        "Choose a day of your own weeks. To swap days or correct the weeks, ask for a change of custody on your "
        "family's page, or contact the town hall: %(contact)s."
    )


class BookedElsewhere(Refused):
    """Or something that does not go with it: what exactly is the other household's own."""

    code = "booked-by-other-household"
    title = N_("Booked by the other household")
    sentence = N_("The child's other household has already booked for %(date)s; “%(activity)s” cannot be added.")
    remedy = N_("Agree with the other household: whoever booked can cancel while the time allows it.")
