"""One site for all attacks, and what each was answered, shown at the end."""

from collections.abc import Callable, Iterator

import pytest

from tests.security.site import Site, site

_SHOWN: list[str] = []


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A broker with mutual TLS and its honest fleet."""
    with site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.fixture
def show() -> Callable[[str, int, str, int], None]:
    """(attack, times tried, what became of it, messages of the fleet that arrived meanwhile): a line at the end of the run."""

    def shown(attack: str, tried: int, became: str, fleet: int) -> None:
        _SHOWN.append(f"{attack:<44} {tried:>6} tried, {became:<44} fleet {fleet} of {fleet}")

    return shown


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says the counts."""
    if _SHOWN:
        terminalreporter.section("attacks")
        for line in _SHOWN:
            terminalreporter.write_line(line)
