"""`make bench`: start a Préau of its own, measure, write docs/benchmarks.md."""

import asyncio

import aiohttp

from benchmarks import effect_latency, families, report, single_booking
from benchmarks.load import resident_mb
from benchmarks.report import Figures
from benchmarks.system import SERVICES, demonstrate, started


async def main() -> None:
    async with started() as system, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as http:
        print("playing the demonstration, then measuring memory", flush=True)
        await demonstrate(system)
        processes = system.processes()
        memory = {name: resident_mb(processes[name]) for name in SERVICES}
        print("registering households", flush=True)
        town = await families.settle(system, http)
        bookings = town.bookings()
        print("from commit to effect at 100 bookings a second", flush=True)
        effect = await effect_latency.measure(system, bookings)
        print("single bookings beside the bare limit", flush=True)
        booking = await single_booking.measure(system, http, bookings)
    print(report.write(Figures(booking, effect, memory)))


if __name__ == "__main__":
    asyncio.run(main())
