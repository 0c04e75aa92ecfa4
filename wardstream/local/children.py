"""One child process: tied to this process' life, ready when its probe says so, stopped within a deadline."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wardstream.runtime.failure import CannotRun
from wardstream.runtime.shutdown import SIGNALS

_LEASH = Path(__file__).with_name("leash.py")
_POLL_S = 0.05
_TAIL_LINES = 8
_TAIL_BYTES = 4000


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run. `environment` is the whole environment; `log` takes both outputs and is appended to.

    Stopping sends `stop_signal`, waits `grace_s`, then kills; `leaves` are files it would leave behind then.
    `unblocks`: the program handles the signals of `runtime.shutdown` and unblocks them when it can; until then they wait for
    it, so that whoever is stopped while it starts leaves in good order as well.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    leaves: tuple[Path, ...] = ()
    unblocks: bool = False


class Child:
    """A running `Command`, in its own session: Ctrl-C at the terminal reaches only this process, which decides.

    On Linux the kernel kills the child when this process dies, kill -9 included; a child of the child isn't covered.
    """

    def __init__(self, command: Command) -> None:
        """Starts it. Raises `RuntimeError` off the main thread: the kernel ties a child to the *thread* that made it."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError(
                f"{command.name} must be started from the main thread, or it dies with this one"
            )
        self.command = command
        self._is_asked = False
        command.folder.mkdir(parents=True, exist_ok=True)
        command.log.parent.mkdir(parents=True, exist_ok=True)
        with command.log.open("ab") as log, held_back(SIGNALS if command.unblocks else ()):
            self._log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 -- the arguments are ours
                [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.folder,
                env=dict(command.environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's and session's too."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def wait_until(self, answers: Callable[[], bool], timeout_s: float) -> None:
        """Waits until `answers` says yes; `CannotRun` with the last log lines when the child ends or the time does."""
        deadline = time.monotonic() + timeout_s
        while not answers():
            if self.exit_code is not None:
                raise CannotRun(self.obituary())
            if time.monotonic() > deadline:
                raise CannotRun(f"{self.command.name} did not answer within {timeout_s:g} s{self._tail()}")
            time.sleep(_POLL_S)

    def wait_for_success(self, timeout_s: float) -> None:
        """Waits until it has ended with exit code 0; `CannotRun` with the last log lines otherwise."""
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise CannotRun(f"{self.command.name} did not end within {timeout_s:g} s{self._tail()}") from None
        if code != 0:
            raise CannotRun(self.obituary())

    def obituary(self) -> str:
        """How it ended, with what it said last."""
        return f"{self.command.name} ended with exit code {self.exit_code}{self._tail()}"

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal, if it still runs."""
        self._process.send_signal(number)

    def ask(self) -> None:
        """Asks it to leave, once: a second signal could hit it when it no longer listens."""
        if not self._is_asked:
            self._is_asked = True
            self.send(self.command.stop_signal)

    def stop(self) -> int:
        """Asks it to leave, kills it after `grace_s` (or at once when interrupted); returns its exit code. Repeatable."""
        try:
            self.ask()
            self._process.wait(self.command.grace_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            code = self._end()
        return code

    def _end(self) -> int:
        if self.exit_code is None:
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        for path in self.command.leaves:
            path.unlink(missing_ok=True)
        return code

    def _tail(self) -> str:
        with self.command.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - _TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join([f" (its log: {self.command.log})", *(f"  {line}" for line in lines)])


@contextmanager
def held_back(signals: Collection[signal.Signals]) -> Iterator[None]:
    """These signals wait for the end of the block; a process started inside keeps them waiting until it unblocks them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop_all(children: Iterable[Child]) -> None:
    """Asks all of them to leave at once, then waits for each; none outlives this call."""
    running = list(children)
    try:
        for child in running:
            child.ask()
    finally:
        _stop_each(running)


def _stop_each(children: list[Child]) -> None:
    if children:
        try:
            children[0].stop()
        finally:
            _stop_each(children[1:])
