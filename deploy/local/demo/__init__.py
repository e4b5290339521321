"""`make demo`: the family journey on the running Préau, each step with its calls and the events they caused."""

from collections.abc import Awaitable, Callable

import aiohttp

from deploy.local.demo import asking, booking, invoicing, joining, places, reading
from deploy.local.demo.events import listening
from deploy.local.demo.stage import Stage, StepFailed
from deploy.local.demo.story import Story
from deploy.local.installation import of_running
from deploy.local.logins import kept_in
from deploy.local.running import Running

Step = Callable[[Stage, Story], Awaitable[None]]
STEPS: tuple[tuple[str, Step], ...] = (
    ("An agent imports families; each is invited by e-mail", joining.import_families),
    ("A parent opens the link, checks, chooses a password, registers", joining.register_families),
    ("The parent reads the month of a child", booking.read_month),
    ("A period fills the cart with the days really open; Valider confirms", booking.book_period),
    ("An absence in time is validated; past the limit it is refused with the rule", booking.report_absences),
    ("Attendance is marked, the month closed, invoices issued as PDF and mailed", invoicing.close_months),
    ("Two invoices are paid in one go, whatever order the bank's answers arrive in", invoicing.pay_invoices),
    ("One place, two families: one may pay, one may wait; a card is refused, the place goes back", places.contend),
    ("A request with its document is filed and answered", asking.file_request),
    ("A news item reaches the families of that town and no other", reading.publish_news),
)


async def demonstrate(running: Running, say: Callable[[str], None]) -> bool:
    """Play every step in order; False, with what was seen, as soon as one fails."""
    place, secrets = of_running(running)
    story = Story.starting(kept_in(place.data) or [])
    async with aiohttp.ClientSession() as http, listening(place, secrets) as events:
        stage = Stage(http, running.addresses, events, say)
        for number, (title, step) in enumerate(STEPS, start=1):
            say(f"\n{number}. {title}")
            try:
                await step(stage, story)
            except StepFailed as failure:
                say(f"   FAILED: {failure}")
                return False
    say("\nThe journey went through, from the first import to the last page.")
    return True
