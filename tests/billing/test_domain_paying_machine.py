"""Whatever order payers, the bank, the counter and agents act in, money is settled once or due back, to the cent.

The model of paying (two pages of one invoice, a bank that tells late, twice, wrongly or never, a counter that is
quicker, people who decide) walked through the rules as the service applies them: claims first, then one state change.
"""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.billing.domain.invoices import Invoice, settle, state_of, taken_cents
from services.billing.domain.payfip import Code, Status
from services.billing.domain.paying.accounts import Account
from services.billing.domain.paying.beginning import check_invoices, for_invoices
from services.billing.domain.paying.reviews import Deciding, resolved
from services.billing.domain.payments import ENDED, Payment, allocate, decide, failed, opened, rest
from services.billing.domain.settlements import Settlement
from shared.errors import Refused
from tests.billing.samples import NOW, OFFICE, invoice

ANY = st.integers(0, 9)
"""Which of the attempts, the newest first."""
begun = precondition(lambda machine: machine.payments)
ACCOUNTS = tuple(
    Account(id=OFFICE.id, municipality_id="sainte-aurore", kind=kind, client="12345678", partial=True)
    for kind in ("payfip", "systempay")
)
QUIET = timedelta(days=4)


class Paying(RuleBasedStateMachine):
    """`bank`: what the bank really took for each attempt, once. `receipts`: how many were written at the counter."""

    @initialize(totals=st.lists(st.integers(100, 5_000), min_size=1, max_size=2))
    def begin(self, totals: list[int]) -> None:
        self.now = NOW
        self.invoices: dict[str, Invoice] = {
            f"inv_{at}": invoice(f"inv_{at}", at + 1, total_cents=total) for at, total in enumerate(totals)
        }
        self.payments: dict[str, Payment] = {}
        self.bank: dict[str, int] = {}
        self.receipts = 0
        self.try_to_begin(ACCOUNTS[0], None, page=True)

    def of(self, at: int) -> str:
        names = sorted(self.payments, reverse=True)
        return names[at % len(names)]

    @rule(
        account=st.sampled_from(ACCOUNTS),
        some=st.integers(100, 9_000),
        whole=st.booleans(),
        page=st.sampled_from([True, True, True, True, False]),
    )
    def a_payer_begins(self, account: Account, some: int, whole: bool, page: bool) -> None:
        self.try_to_begin(account, None if whole else some, page=page)

    def try_to_begin(self, account: Account, cents: int | None, *, page: bool) -> None:
        """As `start_payment` does: owed, and claimed by no attempt that may still be paid."""
        name = f"pay_{len(self.payments):032x}"
        invoices = list(self.invoices.values())
        stated = {"key": name, "fingerprint": "f", "now": self.now, "account": account}
        try:
            check_invoices(invoices, [OFFICE])
            new = for_invoices(name, invoices, OFFICE, cents=cents, **stated)
        except Refused:
            return
        if any(other.live and set(other.claims) & set(new.claims) for other in self.payments.values()):
            return
        self.payments[name] = opened(new, f"idop-{name}", self.now) if page else failed(new)

    @begun
    @rule(at=ANY, wrong=st.sampled_from([0, 0, 0, -1, 1, 700]), told=st.booleans())
    def the_payer_pays(self, at: int, wrong: int, told: bool) -> None:
        """Money moves at the bank, whatever we know of it, also after we gave the attempt up; often it tells."""
        name = self.of(at)
        if self.payments[name].idop and name not in self.bank:
            self.bank[name] = max(1, self.payments[name].amount_cents + wrong)
        if told:
            self.hear(name)

    @begun
    @rule(at=ANY)
    def the_bank_tells(self, at: int) -> None:
        """By notification, browser or clock; again and again."""
        self.hear(self.of(at))

    @begun
    @rule(at=ANY, code=st.sampled_from(["R", "A", "P5", "P1", "C", "E"]))
    def the_bank_tells_of_no_money(self, at: int, code: Code) -> None:
        name = self.of(at)
        if name not in self.bank:
            self.payments[name] = decide(self.payments[name], Status(code=code), self.now)

    def hear(self, name: str) -> None:
        known = self.payments[name]
        if known.idop:
            money = self.bank.get(name)
            told = Status(code="P", amount_cents=money, reference=known.reference) if money else Status(code="P5")
            self.payments[name] = decide(known, told, self.now)

    @begun
    @rule(at=ANY)
    def it_is_shared_out(self, at: int) -> None:
        self.share(self.of(at))

    def share(self, name: str) -> None:
        known = self.payments[name]
        if known.state != "paid" or known.allocated:
            return
        surplus: dict[str, int] = {}
        for invoice_id, cents in known.shares.items():
            act = Settlement(source=name, kind="payment", cents=cents, at=self.now)
            self.invoices[invoice_id] = settle(self.invoices[invoice_id], act)
            surplus[invoice_id] = cents - taken_cents(self.invoices[invoice_id], act)
        self.payments[name] = allocate(known, surplus, self.now)

    @rule(cents=st.integers(1, 3_000), at=st.integers(0, 1))
    def somebody_pays_at_the_counter(self, cents: int, at: int) -> None:
        name = f"inv_{at % len(self.invoices)}"
        self.receipts += 1
        act = Settlement(source=f"rct_{self.receipts}", kind="payment", cents=cents, at=self.now)
        self.invoices[name] = settle(self.invoices[name], act)

    @rule(minutes=st.sampled_from([1, 16, 31, 600]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @begun
    @rule(at=ANY)
    def an_agent_decides(self, at: int) -> None:
        """Looks into the bank's own list: accepts what is there, dismisses what is not."""
        if self.payments[self.of(at)].state == "review":
            self.settle_review(self.of(at))

    def settle_review(self, name: str) -> None:
        cents = self.bank.get(name, 0)
        decision = Deciding(cents=cents, reason="vu", by="acc_1", key=name, fingerprint="f")
        self.payments[name] = resolved(self.payments[name], decision, self.now)

    @invariant()
    def one_live_attempt_claims_an_invoice(self) -> None:
        claimed = [claim for one in self.payments.values() if one.live for claim in one.claims]
        assert len(claimed) == len(set(claimed))

    @invariant()
    def nothing_is_settled_beyond_what_is_owed(self) -> None:
        for one in self.invoices.values():
            assert 0 <= one.remaining_cents <= one.total_cents
            assert one.state == state_of(one)

    @invariant()
    def what_ended_claims_nothing(self) -> None:
        assert not [one for one in self.payments.values() if one.state in ENDED and one.live]

    @invariant()
    def nothing_is_counted_that_the_bank_does_not_have(self) -> None:
        for name, one in self.payments.items():
            assert one.state != "paid" or self.bank.get(name) == one.amount_cents

    def teardown(self) -> None:
        """In the end the clock asks about everything, people decide, and every cent the bank took is accounted for."""
        if not hasattr(self, "payments"):
            return
        for name in self.payments:
            self.now += QUIET
            if self.payments[name].idop:
                self.hear(name)
                self.payments[name] = rest(self.payments[name], self.now)
            if self.payments[name].state == "review":
                self.settle_review(name)
            self.share(name)
        settled = sum(
            act.cents for one in self.invoices.values() for act in one.settlements if act.source.startswith("pay_")
        )
        due = sum(one.refund_cents for one in self.payments.values())
        assert settled + due == sum(self.bank.values())
        assert not [one for one in self.payments.values() if one.live]


TestPaying = Paying.TestCase
TestPaying.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
