"""`make bench`: start a Préau of its own, measure, write docs/benchmarks.md."""

import asyncio

import aiohttp

from benchmarks import effect_latency, families, imports, login, report, reservations, search, single_booking
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
        print("importing a town, killed once on the way", flush=True)
        imported = await imports.measure(system, http)
        print("looking for a family among 200,000", flush=True)
        searched = await search.measure(system, http)
    print(report.write(Figures(booking, of_reservations, effect, log_in, imported, searched, memory)))


if __name__ == "__main__":
    asyncio.run(main())
