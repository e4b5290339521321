"""The ways the till says no."""

from shared.errors import N_, BadInput, Refused


class ReceiptAlreadyCancelled(Refused):
    code = "receipt-already-cancelled"
    title = N_("Already cancelled")
    sentence = N_("The receipt %(number)s is already cancelled.")
    remedy = N_("Reload the list of receipts.")


class ReceiptNotSharedOut(Refused):
    code = "receipt-not-shared-out"
    title = N_("Still being entered")
    sentence = N_("This receipt is still being entered.")
    remedy = N_("Try again in a minute.")


class ReceiptNotCancellable(Refused):
    code = "receipt-not-cancellable"
    title = N_("Paid for bookings")
    sentence = N_("The receipt %(number)s paid for days that were booked with it.")
    remedy = N_("Cancel the days; their money is then due back.")


class SurplusSpent(Refused):
    code = "surplus-spent"
    title = N_("Its surplus is spent")
    sentence = N_("What the receipt %(number)s brought too much was used or paid back.")
    remedy = N_("Take back the use of its credit note first, or enter what the family owes by hand.")


class PartsUnlikeAmount(Refused):
    code = "parts-unlike-amount"
    title = N_("The amounts do not fit")
    sentence = N_("The amount received is %(amount)s, the parts named come to %(parts)s.")
    remedy = N_("Correct the amount or its parts.")


class MoreThanRemains(Refused):
    code = "more-than-remains"
    title = N_("More than is owed")
    sentence = N_("Of %(number)s, %(remaining)s remain to be paid.")
    remedy = N_("Enter less, or choose what becomes of the surplus.")


class NotOneCashOffice(Refused):
    code = "not-one-cash-office"
    title = N_("Several cash offices")
    sentence = N_("A payment is entered by one cash office, for its own invoices.")
    remedy = N_("Enter one payment for each cash office.")


class NothingToSettle(Refused):
    code = "nothing-to-settle"
    title = N_("Nothing left to settle")
    sentence = N_("Nothing of %(number)s remains to be settled here.")
    remedy = N_("Reload the list of invoices.")


class DayClosed(Refused):
    code = "day-closed"
    title = N_("This day is closed")
    sentence = N_("The books of this cash office are closed up to %(closed)s.")
    remedy = N_("Enter it on a later day.")


class DayNotOver(Refused):
    code = "day-not-over"
    title = N_("This day is to come")
    sentence = N_("A day can be closed, and money entered, no earlier than on that day.")
    remedy = N_("Choose today or an earlier day.")


class ChequeNeeded(BadInput):
    code = "cheque-details-missing"
    title = N_("Cheque details missing")
    sentence = N_("A cheque is entered with its number and its bank, anything else without.")
    remedy = N_("Complete the number and the bank of the cheque.")


class VouchersUnlikeAmount(BadInput):
    code = "vouchers-unlike-amount"
    title = N_("Vouchers do not fit")
    sentence = N_("Vouchers are entered one by one, each serial number once, and come to the amount received.")
    remedy = N_("Check the serial numbers and amounts of the vouchers.")


class VoucherAlreadyTaken(Refused):
    code = "voucher-already-taken"
    title = N_("Voucher already taken")
    sentence = N_("A voucher with the number %(serial)s was already taken.")
    remedy = N_("Check the serial number; a voucher can be used once.")


class CreditNotUsed(Refused):
    code = "credit-not-used"
    title = N_("Not used there")
    sentence = N_("Nothing of this credit note is used on this invoice.")
    remedy = N_("Reload the credit note.")


class RefundDecided(Refused):
    code = "refund-decided"
    title = N_("Already decided")
    sentence = N_("This refund was already decided.")
    remedy = N_("Reload the list of refunds.")


class RefundNotPayable(Refused):
    code = "refund-not-payable"
    title = N_("Not to be paid")
    sentence = N_("Only a refund that was decided to be transferred can be marked as paid.")
    remedy = N_("Decide it first, or reload the list of refunds.")


class RefundUnderWay(Refused):
    code = "refund-under-way"
    title = N_("Already being refunded")
    sentence = N_("The rest of %(number)s is already being refunded.")
    remedy = N_("Look at the list of refunds.")


class NothingToDeposit(Refused):
    code = "nothing-to-deposit"
    title = N_("Nothing to deposit")
    sentence = N_("No receipt of this kind waits to be deposited up to that day.")
    remedy = N_("Choose another day or another means of payment.")


class AccountUnknown(BadInput):
    code = "account-unknown"
    title = N_("Accounting codes do not fit")
    sentence = N_("Each accounting code is for a programme or activity of this cash office, named once.")
    remedy = N_("Check the programmes and activities.")
