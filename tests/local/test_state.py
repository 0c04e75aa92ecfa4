"""A supervisor's lock and state file."""

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.local.waiting import until
from wardstream.local import state

_HOLD = """
import sys, time
from pathlib import Path
from wardstream.local import state

with state.held(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    time.sleep(600)
"""


def test_who_holds_the_lock_is_known_until_it_dies(tmp_path: Path) -> None:
    assert state.holder(tmp_path) is None
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"

        while_it_lives = state.holder(tmp_path)
        with state.held(tmp_path, patience_s=0.1) as mine:
            taken_twice = mine
        other.kill()

        assert while_it_lives == other.pid
        assert not taken_twice
        assert until(lambda: state.holder(tmp_path) is None)


def test_a_lock_that_was_left_can_be_taken_again(tmp_path: Path) -> None:
    with state.held(tmp_path) as first:
        pass

    with state.held(tmp_path) as second:
        assert first
        assert second


_PROCESSES = st.builds(
    state.Process,
    name=st.text(),
    pid=st.integers(1, 2**22),
    started_s=st.floats(0, 2**33),
    leaves=st.lists(st.text()).map(tuple),
    health_port=st.none() | st.integers(1, 65535),
)


@given(
    st.builds(
        state.State, supervisor=st.integers(1), processes=st.lists(_PROCESSES).map(tuple), fault=st.text()
    )
)
def test_a_state_is_read_back_as_it_was_saved(tmp_path_factory: object, saved: state.State) -> None:
    folder = tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # pytest's TempPathFactory

    state.save(folder, saved)

    assert state.load(folder) == saved
    state.forget(folder)
    assert state.load(folder) is None
