"""Why a run cannot be decided on as asked."""

from shared.errors import N_, Refused


class RunNotDrafted(Refused):
    code = "run-not-drafted"
    title = N_("Nothing to decide")
    sentence = N_("This run has no drafts to decide on: it waits, is blocked, or its invoices are being issued.")
    remedy = N_("Look at the state of the run.")


class DraftsChanged(Refused):
    code = "drafts-changed"
    title = N_("Drafts changed")
    sentence = N_("The drafts were made anew since you looked at them.")
    remedy = N_("Look at them again, then approve them.")


class AnomaliesOpen(Refused):
    code = "anomalies-open"
    title = N_("Anomalies to look at")
    sentence = N_("%(count)s drafts have an anomaly nobody accepted.")
    remedy = N_("Accept each with a reason, or correct what causes it.")


class CannotBeAccepted(Refused):
    code = "anomaly-not-acceptable"
    title = N_("Not to be accepted")
    sentence = N_("An anomaly of this kind is either only shown, or keeps the run from being issued.")
    remedy = N_("Only unusual amounts are accepted; a missing price is set in the tariff.")
