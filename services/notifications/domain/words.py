"""What a message in a family's space is made of."""

from dataclasses import dataclass

from services.notifications.domain.say import Say


@dataclass(frozen=True, kw_only=True)
class Words:
    """A message before translation. `about_type` and `about_id` name what a click should open."""

    title: Say
    body: Say
    about_type: str
    about_id: str
