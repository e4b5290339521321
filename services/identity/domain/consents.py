"""What guardians agree to: each answer dated, and bound to the version of the text that was read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts.privacy import ConsentSet
from shared.errors import N_, Refused

LANGUAGES = ("fr", "en")
KEPT_ANSWERS = 50


class ConsentTextChanged(Refused):
    code = "consent-text-changed"
    title = N_("The town has written this text anew")
    sentence = N_("You answered version %(version)s of this text; version %(current)s applies now.")
    remedy = N_("Read the text as it is now, then answer again.")


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """What a town asks for one purpose (`terms`, `images`, `sms`, `food-restrictions`, …), at one version.

    `words`: title and text by language, French always. A version once published never changes.
    """

    municipality_id: str
    purpose: str
    version: int
    words: Mapping[str, tuple[str, str]]
    published_at: datetime
    published_by: str

    def in_language(self, language: str) -> tuple[str, str]:
        return self.words.get(language, self.words["fr"])

    def rewritten(self, words: Mapping[str, tuple[str, str]], *, by: str, at: datetime) -> "ConsentText":
        """The next version; the same words again are the same version."""
        if dict(words) == dict(self.words):
            return self
        return replace(self, words=words, version=self.version + 1, published_at=at, published_by=by)


@dataclass(frozen=True, kw_only=True)
class Answer:
    granted: bool
    text_version: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One guardian's answers for one purpose of one town, oldest first."""

    id: str
    account_id: str
    household_id: str
    municipality_id: str
    purpose: str
    answers: tuple[Answer, ...] = ()
    version: int = 0

    @property
    def last(self) -> Answer | None:
        return self.answers[-1] if self.answers else None

    def answered(self, granted: bool, text: ConsentText, text_version: int, now: datetime) -> tuple["Consent", bool]:
        """With one more answer, and whether it says anything new. Raises `ConsentTextChanged`."""
        if text_version != text.version:
            raise ConsentTextChanged(version=str(text_version), current=str(text.version))
        last = self.last
        if last and (last.granted, last.text_version) == (granted, text_version):
            return self, False
        answer = Answer(granted=granted, text_version=text_version, at=now)
        return replace(self, answers=(*self.answers, answer)[-KEPT_ANSWERS:]), True

    def told(self) -> ConsentSet:
        last = self.answers[-1]
        return ConsentSet(
            account_id=self.account_id,
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            purpose=self.purpose,
            granted=last.granted,
            text_version=last.text_version,
            at=last.at,
        )


def consent_id(account_id: str, municipality_id: str, purpose: str) -> str:
    return f"{account_id}/{municipality_id}/{purpose}"
