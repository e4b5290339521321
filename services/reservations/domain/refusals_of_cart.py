"""The ways a period, a usual week, a link or a feed is refused."""

from shared.errors import N_, Refused


class TooManyFeeds(Refused):
    code = "too-many-feeds"
    title = N_("Too many calendar links")
    sentence = N_("Your household has %(most)s calendar links already.")
    remedy = N_("Revoke a link that nobody uses any more, then make the new one.")


class NothingToCopy(Refused):
    code = "nothing-to-copy"
    title = N_("Nothing to copy")
    sentence = N_("The child has nothing booked or chosen in the week of %(monday)s.")
    remedy = N_("Choose another week, or choose the days first.")


class NoUsualWeek(Refused):
    code = "no-usual-week"
    title = N_("No usual week")
    sentence = N_("No usual week is set for these days.")
    remedy = N_("Set the usual week of a child first.")


class LinkOver(Refused):
    code = "link-over"
    status = 410
    title = N_("This link is over")
    sentence = N_("These days could be booked by this link until %(until)s.")
    remedy = N_("Sign in to see what can still be booked, or ask the town hall.")


class OrderNotOpen(Refused):
    code = "order-not-open"
    title = N_("This order is decided")
    sentence = N_("This order is paid, or its places were given back already.")
    remedy = N_("Look at your bookings.")


class PaymentUnderWay(Refused):
    code = "payment-under-way"
    title = N_("A payment is under way")
    sentence = N_("A payment page of this order is open until %(limit)s.")
    remedy = N_("Finish or cancel the payment there, or wait until then.")
