"""What set-up does or says, by machine."""

import sys
from pathlib import Path

import pytest

from wardstream.local import java
from wardstream.local.setup import Machine, commands


def test_root_on_debian_installs_without_questions() -> None:
    steps = commands(Machine(installer="apt-get", may_install=True), ("mosquitto", "maven"))

    assert [" ".join(step) for step in steps] == [
        "apt-get update",
        "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mosquitto maven",
    ]


@pytest.mark.parametrize(
    ("installer", "prefix", "said"),
    [
        (
            "apt-get",
            ("sudo",),
            "sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends maven",
        ),
        ("dnf", ("sudo",), "sudo dnf install maven"),
        ("brew", (), "brew install maven"),
    ],
)
def test_the_command_for_a_person_is_exact(installer: str, prefix: tuple[str, ...], said: str) -> None:
    steps = commands(Machine(installer=installer, may_install=False, prefix=prefix), ("maven",))

    assert " ".join(steps[-1]) == said


def test_a_java_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho 'Unable to locate a Java Runtime' >&2; exit 1\n")
    broken.chmod(0o755)

    assert java.version(str(broken)) == 0
    assert java.version(str(tmp_path / "none")) == 0
    assert java.version(sys.executable) == 0


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_392"', 1),
    ],
)
def test_the_major_version_of_a_java_is_read(tmp_path: Path, said: str, version: int) -> None:
    fake = tmp_path / "java"
    fake.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    fake.chmod(0o755)

    assert java.version(str(fake)) == version
