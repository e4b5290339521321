"""What families are told of their quotient."""

from datetime import date

from shared.contracts.billing_quotients import ChangedPrice, QuotientInvited, QuotientRefreshed

INVITED = QuotientInvited(
    household_id="hsh_1", municipality_id="sainte-aurore", school_year="2026-2027", up_to_cents=3780
)
REFRESHED = QuotientRefreshed(
    household_id="hsh_1",
    municipality_id="sainte-aurore",
    before="1200",
    after="622.50",
    effective_on=date(2026, 12, 1),
    prices=(ChangedPrice(activity_id="sainte-aurore.repas", before_cents=330, after_cents=220),),
)
