"""The data folder: gone after a clean run, kept when asked or when somebody must look, never shared."""

import stat
import tempfile
from pathlib import Path

import pytest

from deploy.local import data
from deploy.local.data import Held


def test_without_a_choice_the_folder_is_gone_at_the_end():
    with data.opened({}) as folder:
        assert folder.log("billing").parent.is_dir()
    assert not folder.path.exists()


def test_being_stopped_counts_as_an_end():
    with pytest.raises(KeyboardInterrupt), data.opened({}) as folder:
        raise KeyboardInterrupt
    assert not folder.path.exists()


def test_after_a_failure_the_logs_stay_until_the_next_run():
    with pytest.raises(RuntimeError), data.opened({}) as folder:
        raise RuntimeError
    assert folder.logs.is_dir()
    data.sweep(folder.path)
    assert not folder.path.exists()


def test_a_chosen_folder_is_made_for_its_owner_and_kept(tmp_path):
    chosen = tmp_path / "deep" / "data"
    with data.opened({"PREAU_DATA": str(chosen)}) as folder:
        assert folder.kept
    assert stat.S_IMODE(chosen.stat().st_mode) == 0o700


@pytest.mark.parametrize("path", [Path("/srv/preau-town"), Path(tempfile.gettempdir()) / "town"])
def test_sweeping_never_touches_a_folder_somebody_chose(path, tmp_path):
    kept = tmp_path / "preau-town"
    kept.mkdir()
    data.sweep(kept)
    data.sweep(path)
    assert kept.is_dir()


def test_two_runs_never_share_a_folder(tmp_path):
    chosen = {"PREAU_DATA": str(tmp_path)}
    with data.opened(chosen):
        assert data.is_held(tmp_path)
        with pytest.raises(Held, match="Another run uses"), data.opened(chosen):
            pass
    assert not data.is_held(tmp_path)
