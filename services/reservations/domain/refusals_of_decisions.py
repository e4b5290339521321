"""The ways an agent's decision, a reported absence or a cancellation by the town is refused."""

from shared.errors import N_, BadInput, Refused


class NothingAsked(Refused):
    code = "nothing-asked"
    title = N_("Nothing to decide")
    sentence = N_("Nothing waits for a decision for %(activity)s on %(date)s.")
    remedy = N_("Reload the list: the family may have taken it back, or a colleague decided.")


class TooLateToReport(Refused):
    code = "too-late-to-report"
    title = N_("Too late to report")
    sentence = N_("An absence from %(activity)s on %(date)s could be reported until %(limit)s.")
    remedy = N_("If you have a proof, send it with a request.")


class StillCancellable(Refused):
    """Cancelling is better for everybody: the place is free again and nothing is charged."""

    code = "still-cancellable"
    title = N_("Can still be cancelled")
    sentence = N_("%(activity)s on %(date)s can still be cancelled, until %(limit)s.")
    remedy = N_("Cancel the day instead: it will not be charged.")


class NothingBookedThen(Refused):
    code = "nothing-booked-then"
    title = N_("Nothing booked then")
    sentence = N_("Nothing is booked for this child from %(starts)s to %(ends)s.")
    remedy = N_("Look at the calendar, and report the absence for the days that are booked.")


class CancelledByTown(Refused):
    """The town declared that what is asked does not take place."""

    code = "cancelled-by-town"
    title = N_("Cancelled by the town hall")
    sentence = N_("%(activity)s does not take place on %(date)s: the town hall cancelled it (%(label)s).")
    remedy = N_("Choose another day, or ask the town hall: %(contact)s.")


class NothingInScope(BadInput):
    code = "nothing-in-scope"
    title = N_("Nothing to cancel")
    sentence = N_("Say which programmes or activities of the town are cancelled.")
    remedy = N_("Name at least one programme or activity of the town.")


class DisruptionPast(BadInput):
    code = "disruption-past"
    title = N_("Already past")
    sentence = N_("Days before %(date)s can no longer be cancelled by the town.")
    remedy = N_("Mark the children absent with justification instead: they are not charged.")


class DisruptionRunning(Refused):
    code = "disruption-running"
    title = N_("Still under way")
    sentence = N_("This cancellation is still being carried out.")
    remedy = N_("Wait until it is finished, then take it back.")
