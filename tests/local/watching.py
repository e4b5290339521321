"""Which processes a test started are still there."""

from collections.abc import Iterable

import psutil

from deploy.local.processes import Child

GONE_SECONDS = 30.0


def started_by(pid: int) -> list[psutil.Process]:
    """Everything below that process, now."""
    return psutil.Process(pid).children(recursive=True)


def left_over(found: Iterable[psutil.Process]) -> list[str]:
    """What is still alive of them once they have had time to end; a dead process nobody buried counts as gone."""
    _, rest = psutil.wait_procs(list(found), timeout=GONE_SECONDS)
    return [each.name() for each in rest if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def families(*children: Child) -> list[psutil.Process]:
    """Those children and everything below them, now."""
    return [each for child in children for each in (psutil.Process(child.process.pid), *started_by(child.process.pid))]
