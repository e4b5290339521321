"""What families owe, and their reminders, for those who answer for it."""

from services.billing.http.unpaid import exemptions, listing, policies, reminders

ROUTES = [*listing.ROUTES, *policies.ROUTES, *reminders.ROUTES, *exemptions.ROUTES]
