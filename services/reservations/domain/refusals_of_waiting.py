"""The ways a place on a waiting list, or an offer, is refused."""

from shared.errors import N_, Refused


class WaitingListFull(Refused):
    code = "waiting-list-full"
    title = N_("The waiting list is full")
    sentence = N_("The waiting list of %(activity)s for %(date)s holds %(most)s children already.")
    remedy = N_("Choose another day, or ask the town hall.")


class OfferOver(Refused):
    code = "offer-over"
    title = N_("The offer is over")
    sentence = N_("The place in %(activity)s on %(date)s is no longer kept for this child.")
    remedy = N_("Join the waiting list again if the day still matters.")


class CannotReturn(Refused):
    code = "cannot-return"
    title = N_("Cannot come back to the list")
    sentence = N_("This entry for %(activity)s on %(date)s still counts, or the day can be booked no more.")
    remedy = N_("Nothing is left to do for this day.")


class WaitsNoMore(Refused):
    code = "waits-no-more"
    title = N_("Not on the list")
    sentence = N_("The child is no longer on the waiting list of %(activity)s for %(date)s.")
    remedy = N_("Reload the list.")
