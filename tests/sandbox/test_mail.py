"""The mail server: what goes in by SMTP comes out as pages and JSON."""

import asyncio
import smtplib
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from aiohttp import ClientSession

from deploy.sandbox.app import Addresses

pytestmark = pytest.mark.enable_socket


def letter(to: str = "claire.lefevre@courriel.example", subject: str = "Adhésion à la cantine") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Mairie de Sainte-Aurore <ne-pas-repondre@sainte-aurore.example>"
    mail["To"] = to
    mail["Subject"] = subject
    mail.set_content("Votre code : http://127.0.0.1:8000/createAccount?activationCode=ABCDEFGH12&email=a\n")
    mail.add_alternative("<html><head><title>x</title></head><body><p>Bonjour é</p></body></html>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="règlement.pdf")
    return mail


async def send(sandbox: Addresses, mail: EmailMessage) -> None:
    await aiosmtplib.send(mail, hostname=sandbox.smtp_host, port=sandbox.smtp_port, start_tls=False)


async def messages(browser: ClientSession, sandbox: Addresses, **query: str) -> list[dict[str, Any]]:
    async with browser.get(f"{sandbox.mail}/api/messages", params=query) as answer:
        assert answer.status == 200
        found: list[dict[str, Any]] = (await answer.json())["messages"]
        return found


async def test_a_mail_comes_out_decoded(sandbox: Addresses, browser: ClientSession) -> None:
    await send(sandbox, letter())
    [message] = await messages(browser, sandbox)
    assert message["subject"] == "Adhésion à la cantine"
    assert message["from"] == "Mairie de Sainte-Aurore <ne-pas-repondre@sainte-aurore.example>"
    assert message["to"] == ["claire.lefevre@courriel.example"]
    assert "activationCode=ABCDEFGH12" in message["text"]
    assert "Bonjour é" in message["html"]
    assert message["headers"]["To"] == "claire.lefevre@courriel.example"
    assert message["attachments"] == [{"name": "règlement.pdf", "content_type": "application/pdf", "size": 8}]


async def test_the_standard_library_may_send_too(sandbox: Addresses, browser: ClientSession) -> None:
    def send_plainly() -> None:
        with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port) as server:
            server.send_message(letter(subject="Par smtplib"))

    await asyncio.to_thread(send_plainly)
    assert [message["subject"] for message in await messages(browser, sandbox)] == ["Par smtplib"]


async def test_mails_are_found_by_recipient_and_subject_newest_first(
    sandbox: Addresses, browser: ClientSession
) -> None:
    for subject in ("Première facture", "Deuxième facture", "Actualité"):
        await send(sandbox, letter(subject=subject))
    await send(sandbox, letter(to="other@courriel.example", subject="Troisième facture"))
    found = await messages(browser, sandbox, to="Claire.Lefevre@courriel.example", subject="FACTURE")
    assert [message["subject"] for message in found] == ["Deuxième facture", "Première facture"]
    assert await messages(browser, sandbox, to="lefevre@courriel.example") == []


async def test_a_reader_may_wait_for_a_mail_that_is_not_there_yet(sandbox: Addresses, browser: ClientSession) -> None:
    waiting = asyncio.create_task(messages(browser, sandbox, subject="attendu", wait="30"))
    await send(sandbox, letter(subject="Autre chose"))
    await send(sandbox, letter(subject="Le courriel attendu"))
    assert [message["subject"] for message in await waiting] == ["Le courriel attendu"]


async def test_an_attachment_can_be_fetched(sandbox: Addresses, browser: ClientSession) -> None:
    await send(sandbox, letter())
    url = f"{sandbox.mail}/api/messages/1/attachments"
    async with browser.get(f"{url}/0") as first, browser.get(f"{url}/1") as missing:
        assert (await first.read(), first.content_type, missing.status) == (
            b"%PDF-1.7",
            "application/pdf",
            404,
        )


async def test_messages_can_be_thrown_away(sandbox: Addresses, browser: ClientSession) -> None:
    await send(sandbox, letter())
    async with browser.delete(f"{sandbox.mail}/api/messages") as answer:
        assert answer.status == 204
    assert await messages(browser, sandbox) == []


async def test_a_bad_waiting_time_is_refused(sandbox: Addresses, browser: ClientSession) -> None:
    async with browser.get(f"{sandbox.mail}/api/messages", params={"wait": "long"}) as answer:
        assert answer.status == 400


async def test_the_pages_show_the_mails_without_script_or_inline_style(
    sandbox: Addresses, browser: ClientSession
) -> None:
    await send(sandbox, letter(subject="<b>Gras</b>"))
    async with browser.get(sandbox.mail) as listed, browser.get(f"{sandbox.mail}/messages/1") as shown:
        pages = await listed.text(), await shown.text()
        policies = [page.headers["Content-Security-Policy"] for page in (listed, shown)]
    assert all("&lt;b&gt;Gras" in page and "<script" not in page and "style=" not in page for page in pages)
    assert all("default-src 'none'" in policy and "unsafe" not in policy for policy in policies)
    assert '<iframe title="Version mise en forme du courriel" src="/messages/1/html" sandbox=' in pages[1]
    assert 'href="http://127.0.0.1:8000/createAccount?activationCode=ABCDEFGH12&amp;email=a"' in pages[1]


async def test_the_html_part_is_served_without_the_right_to_run_scripts(
    sandbox: Addresses, browser: ClientSession
) -> None:
    await send(sandbox, letter())
    async with browser.get(f"{sandbox.mail}/messages/1/html") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
        assert "allow-scripts" not in answer.headers["Content-Security-Policy"]
        assert '<head><base target="_blank"><title>' in await answer.text()


async def test_an_unknown_message_is_not_found(sandbox: Addresses, browser: ClientSession) -> None:
    async with browser.get(f"{sandbox.mail}/messages/7") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("probe", ["/livez", "/readyz", "/style.css"])
async def test_probes_and_style_answer(sandbox: Addresses, browser: ClientSession, probe: str) -> None:
    async with browser.get(f"{sandbox.mail}{probe}") as answer:
        assert answer.status == 200
