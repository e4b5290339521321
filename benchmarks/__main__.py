"""`make bench`: start a Préau of its own, measure, write docs/benchmarks.md."""

import asyncio

import aiohttp

from benchmarks import (
    effect_latency,
    families,
    imports,
    login,
    mails,
    month_end,
    price_quotes,
    report,
    reservations,
    search,
    single_booking,
    statement,
    streams,
    uploads,
)
from benchmarks.load import resident_mb
from benchmarks.report import Figures
from benchmarks.system import SERVICES, demonstrate, started


async def main() -> None:
    async with started() as system, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        print("playing the demonstration, then measuring memory", flush=True)
        await demonstrate(system)
        processes = system.processes()
        memory = {name: resident_mb(processes[name]) for name in SERVICES}
        print("log-ins", flush=True)
        log_in = await login.measure(system, http)
        print("registering households", flush=True)
        town = await families.settle(system, http)
        bookings = town.bookings()
        print("from commit to effect at 100 bookings a second", flush=True)
        effect = await effect_latency.measure(system, bookings)
        print("single bookings beside the bare limit", flush=True)
        booking = await single_booking.measure(system, http, bookings)
        print("periods, months, crowds, lists; then again with five million bookings stored", flush=True)
        of_reservations = await reservations.sections(system, http)
        print("5,000 open live streams", flush=True)
        of_reservations = [*of_reservations, streams.section(await streams.measure())]
        print("documents of 20 MB", flush=True)
        of_reservations = [*of_reservations, uploads.section(await uploads.measure(system, http))]
        print("mails of a night of invoices", flush=True)
        of_reservations = [*of_reservations, mails.section(await mails.measure(system))]
        print("prices of carts of forty lines", flush=True)
        quoted = await price_quotes.measure(http, town)
        print("a month's end of 10,000 households, killed twice on the way", flush=True)
        ended = await month_end.measure(system.mongo_url())
        print("the receipts statement over a million payments", flush=True)
        stated = await statement.measure(system.mongo_url())
        print("importing a town, killed once on the way", flush=True)
        imported = await imports.measure(system, http)
        print("looking for a family among 200,000", flush=True)
        searched = await search.measure(system, http)
    print(
        report.write(
            Figures(booking, of_reservations, effect, log_in, imported, searched, memory, quoted, ended, stated)
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
