"""Progress: one line per thing done, with the seconds since the start."""

from deploy.local.progress import Progress


def test_a_line_says_how_long_it_took_since_the_start():
    said = []
    now = [100.0]
    progress = Progress(said.append, lambda: now[0])
    now[0] = 102.54
    progress.done("database is ready")
    assert said == ["   2.5 s  database is ready"]
