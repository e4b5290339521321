"""Why a payment may not begin."""

from shared.errors import N_, Refused


class OneCashOfficePerPayment(Refused):
    code = "one-cash-office-per-payment"
    title = N_("Two cash offices")
    sentence = N_("These are collected by different cash offices: %(offices)s. One payment goes to one cash office.")
    remedy = N_("Pay those of one cash office first, then the others.")


class NoOnlinePayment(Refused):
    code = "no-online-payment"
    title = N_("No online payment")
    sentence = N_("This cannot be paid online: its cash office takes no online payment.")
    remedy = N_("Pay as the invoice says, or ask the cash office.")


class AmountTooSmall(Refused):
    code = "amount-too-small"
    title = N_("Amount too small")
    sentence = N_("Online payment takes %(smallest)s or more; this is %(amount)s.")
    remedy = N_("Pay it together with another invoice of the same cash office, or at the cash office.")


class AmountTooLarge(Refused):
    code = "amount-too-large"
    title = N_("Amount too large")
    sentence = N_("Online payment takes up to %(largest)s; this is %(amount)s.")
    remedy = N_("Pay fewer invoices at once.")


class PaymentInProgress(Refused):
    code = "payment-in-progress"
    title = N_("Payment in progress")
    sentence = N_("A payment of this is in progress until %(limit)s.")
    remedy = N_("Finish it on the payment page, or wait until then to begin again.")


class PaymentUnderReview(Refused):
    code = "payment-under-review"
    title = N_("Payment being checked")
    sentence = N_("A payment of this came back different from what was asked; the cash office is checking it.")
    remedy = N_("Do not pay again. Ask the cash office if nothing changes within two working days.")


class NoPartialPayment(Refused):
    code = "no-partial-payment"
    title = N_("Whole amount only")
    sentence = N_("This cash office takes no payment in parts; %(owed)s are to be paid.")
    remedy = N_("Pay the whole amount, or ask the cash office for a delay.")


class AmountAboveOwed(Refused):
    code = "amount-above-owed"
    title = N_("More than is owed")
    sentence = N_("Only %(owed)s are to be paid; you asked to pay %(amount)s.")
    remedy = N_("Choose an amount up to what is owed.")


class CreditGone(Refused):
    code = "credit-gone"
    title = N_("Credit used elsewhere")
    sentence = N_("The credit that was to pay this was used for something else meanwhile.")
    remedy = N_("Begin again: what remains of it is used, the rest is paid online.")
