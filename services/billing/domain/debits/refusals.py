"""Why something about a direct debit cannot be done."""

from shared.errors import N_, BadInput, Refused


class NoDirectDebit(Refused):
    code = "no-direct-debit"
    title = N_("No direct debit")
    sentence = N_("This cash office takes no direct debit.")
    remedy = N_("Pay as the invoice says, or ask the cash office.")


class MandateInForce(Refused):
    code = "mandate-in-force"
    title = N_("Mandate in force")
    sentence = N_("You have signed a mandate for this cash office already: %(rum)s, account %(account)s.")
    remedy = N_("Change its account, or revoke it and sign a new one.")


class ConsentOutdated(Refused):
    code = "consent-outdated"
    title = N_("The text has changed")
    sentence = N_("The text of the mandate is not the one you read.")
    remedy = N_("Read the text again, then sign.")


class ReferenceTaken(BadInput):
    code = "mandate-reference-taken"
    title = N_("Reference already used")
    sentence = N_("Another mandate bears the reference %(rum)s.")
    remedy = N_("Check the reference (RUM) on the paper; leave it out to have a new one.")


class MandateEnded(Refused):
    code = "mandate-ended"
    title = N_("Mandate ended")
    sentence = N_("The mandate %(rum)s is not in force any more.")
    remedy = N_("Sign a new mandate to pay by direct debit.")


class MandateLapsed(Refused):
    code = "mandate-lapsed"
    title = N_("Mandate lapsed")
    sentence = N_("The mandate %(rum)s lapsed on %(day)s: nothing was collected under it for 36 months.")
    remedy = N_("Sign a new mandate to pay by direct debit.")


class SignedTooLate(BadInput):
    code = "signature-date-wrong"
    title = N_("Signature date wrong")
    sentence = N_("A mandate cannot be signed after today, nor have been without a collection for 36 months.")
    remedy = N_("Check the date on the paper, and the day of the last collection.")


class DebitUnderWay(Refused):
    code = "debit-under-way"
    title = N_("Debit under way")
    sentence = N_("The debit of %(day)s is already with the bank.")
    remedy = N_("Wait for the bank's answer.")


class NothingToDebit(Refused):
    code = "nothing-to-debit"
    title = N_("Nothing to debit")
    sentence = N_("Nothing is planned to be debited until %(day)s.")
    remedy = N_("Choose a later day, or wait for the next invoices.")


class DayTooEarly(BadInput):
    code = "debit-day-too-early"
    title = N_("Day not possible")
    sentence = N_("Banks cannot collect on %(day)s: the first day possible is %(first)s.")
    remedy = N_("Choose that day or a later working day.")


class BatchSent(Refused):
    code = "debit-batch-sent"
    title = N_("File sent already")
    sentence = N_("The file %(name)s is marked as sent.")
    remedy = N_("Import the bank's answer: it says what was not collected.")


class BatchWithdrawn(Refused):
    code = "debit-batch-withdrawn"
    title = N_("File withdrawn")
    sentence = N_("The file %(name)s was withdrawn: its debits are planned again.")
    remedy = N_("Make a new file.")


class DebitCollected(Refused):
    code = "debit-collected"
    title = N_("Already collected")
    sentence = N_("The debits of the file %(name)s are collected.")
    remedy = N_("What comes back from the bank is imported with its answer.")


class NotABankAnswer(BadInput):
    code = "not-a-bank-answer"
    title = N_("Not a bank's answer")
    sentence = N_("This file is neither a pain.002 nor a camt.054 message.")
    remedy = N_("Send the file the bank gives under “rejets et impayés”, unchanged.")
