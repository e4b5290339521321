"""The ways a booking, a cancellation or an attendance mark is refused because of what is already there."""

from shared.errors import N_, Refused


class AlreadyBooked(Refused):
    code = "already-booked"
    title = N_("Already booked")
    sentence = N_("%(activity)s is already booked for %(date)s.")
    remedy = N_("Nothing is left to do for this day; cancel it if the child will not come.")


class AlreadyAsked(Refused):
    code = "cancellation-asked"
    title = N_("Already asked")
    sentence = N_("You have asked already to cancel %(activity)s on %(date)s.")
    remedy = N_("The town hall decides on it; the day stays booked until then.")


class NotBooked(Refused):
    code = "not-booked"
    title = N_("Not booked")
    sentence = N_("%(activity)s is not booked for %(date)s.")
    remedy = N_("Reload the calendar to see what is booked.")


class PaymentAwaited(Refused):
    """A held place is neither bookable nor cancellable: it becomes one of the two by itself."""

    code = "payment-awaited"
    title = N_("Waiting for payment")
    sentence = N_("%(activity)s on %(date)s is kept for this child until its payment.")
    remedy = N_("Pay the order, or let it lapse: the place is then given back without charge.")


class NoPlaceLeft(Refused):
    code = "no-place-left"
    title = N_("Full")
    sentence = N_("No place is left in %(activity)s on %(date)s.")
    remedy = N_("Choose another day, or ask the town hall.")


class FullWithWaitingList(NoPlaceLeft):
    remedy = N_("Join the waiting list of this day, or choose another day.")


class MonthIsClosed(Refused):
    code = "month-closed"
    title = N_("Month closed")
    sentence = N_("%(month)s is closed: what happened then can no longer be changed.")
    remedy = N_("Ask the town hall if something is wrong.")


class AllOrNothing(Refused):
    code = "all-or-nothing"
    title = N_("Not done")
    sentence = N_(
        "Nothing was done, because another line of the cart was not possible and you asked for all or nothing."
    )
    remedy = N_("Take the refused lines out of the cart, or validate what is possible.")


class HoldEnded(Refused):
    code = "hold-ended"
    title = N_("Kept too long")
    sentence = N_("The time to pay for %(activity)s on %(date)s was over before it could be kept.")
    remedy = N_("Put the day into the cart again.")


class CartIsEmpty(Refused):
    code = "cart-empty"
    title = N_("Your cart is empty")
    sentence = N_("There is nothing to validate in the cart.")
    remedy = N_("Choose days first.")


class CartIsFull(Refused):
    code = "cart-full"
    title = N_("Your cart is full")
    sentence = N_("A cart holds at most %(most)s lines.")
    remedy = N_("Validate the cart, then go on.")


class AlreadyInCart(Refused):
    """Reported for a period only: adding the same line by itself is no mistake."""

    code = "already-in-cart"
    title = N_("Already in the cart")
    sentence = N_("%(activity)s on %(date)s is already in the cart.")
    remedy = N_("Validate the cart.")


class BeyondTheHorizon(Refused):
    code = "beyond-horizon"
    title = N_("Too far ahead")
    sentence = N_("One request covers at most %(days)s days.")
    remedy = N_("Ask for the rest in a second request.")


class PeriodBackwards(Refused):
    code = "period-backwards"
    status = 422
    title = N_("The period ends before it begins")
    sentence = N_("The period ends on %(until)s, before it begins on %(start)s.")
    remedy = N_("Correct the dates.")


class PlacesAreLeft(Refused):
    code = "places-left"
    title = N_("Places are left")
    sentence = N_("Places are left in %(activity)s on %(date)s: there is nothing to wait for.")
    remedy = N_("Book the day.")


class NoWaitingList(Refused):
    code = "no-waiting-list"
    title = N_("No waiting list")
    sentence = N_("%(activity)s has no waiting list.")
    remedy = N_("Ask the town hall.")


class AlreadyWaiting(Refused):
    code = "already-waiting"
    title = N_("Already on the waiting list")
    sentence = N_("The child is already on the waiting list of %(activity)s for %(date)s, at rank %(rank)s.")
    remedy = N_("Nothing is left to do: the list keeps its order.")


class NotYetThere(Refused):
    code = "day-to-come"
    title = N_("This day is still to come")
    sentence = N_("Attendance on %(date)s can be marked from that day on.")
    remedy = N_("Come back on the day.")


class WasNotExpected(Refused):
    code = "not-expected"
    title = N_("Not expected")
    sentence = N_("The child was not expected on %(date)s and can not be absent.")
    remedy = N_("Mark the child present if it came anyway.")


class MonthNotOver(Refused):
    code = "month-not-over"
    title = N_("The month is not over")
    sentence = N_("%(month)s can be closed from %(date)s on.")
    remedy = N_("Come back when the month is over.")


class AlreadyClosed(Refused):
    code = "already-closed"
    title = N_("Already closed")
    sentence = N_("%(month)s is already closed for this programme.")
    remedy = N_("Nothing is left to do.")


class PaymentsPending(Refused):
    code = "payments-pending"
    title = N_("Payments are awaited")
    sentence = N_("%(count)s days of this month are kept for families who are paying now.")
    remedy = N_("Try again in half an hour.")


class DaysUnmarked(Refused):
    """`anomalies`: the booked days nobody marked, which closing would count as booked."""

    code = "days-unmarked"
    title = N_("Attendance is missing")
    sentence = N_("%(count)s booked days have no attendance mark.")
    remedy = N_("Mark them, or close with “accept_anomalies”: they then count as booked.")
