"""`make deploy` and its kin refuse early, in one message that names every reason, and before anything is made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wardstream.cloud import preflight
from wardstream.runtime.failure import CannotRun


def refused(*arguments: str, **variables: str) -> str:
    # A developer's own credentials, region and Docker must not mend the faults; nor may the machine's, which a cloud's would have.
    plain = {
        "HOME": "/nonexistent",
        "PATH": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }
    done = subprocess.run(
        [sys.executable, "-m", "wardstream.cloud", *arguments],
        env=plain | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_every_reason_is_named_at_once() -> None:
    said = refused("deploy")

    for reason in ("no stack named", "no region", "no AWS credentials", "no Docker"):
        assert reason in said


@pytest.mark.slow
def test_only_what_is_missing_is_named() -> None:
    said = refused("deploy", "--stack", "wardstream", AWS_REGION="eu-central-1")

    assert "no region" not in said
    assert "no stack" not in said
    assert "no AWS credentials" in said


@pytest.mark.slow
def test_a_docker_that_does_not_answer_is_told(tmp_path: Path) -> None:
    silent = tmp_path / "docker"
    silent.write_text("#!/bin/sh\nexit 1\n")
    silent.chmod(0o755)

    said = refused("deploy", "--stack", "wardstream", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert "Docker's daemon does not answer" in said


@pytest.mark.slow
def test_a_name_that_cannot_be_a_stack_is_told() -> None:
    assert "STACK=Ward_7 can't be used" in refused("deploy", "--stack", "Ward_7")


@pytest.mark.slow
def test_a_parameter_that_is_none_is_told_before_aws_is_asked() -> None:
    assert "Sise is no parameter" in refused("deploy", "--stack", "wardstream", "--parameters", "Sise=pilot")


@pytest.mark.slow
def test_nothing_is_removed_unless_the_name_is_typed() -> None:
    said = refused("destroy", "--stack", "wardstream", "--confirm", "wardstrem", AWS_REGION="eu-central-1")

    assert "nothing was removed" in said


def test_uncommitted_changes_are_not_deployed(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        own = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *own, *arguments], check=True, capture_output=True)

    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one")
    clean = preflight.commit(tmp_path)
    (tmp_path / "file").write_text("two")

    with pytest.raises(CannotRun, match="not committed"):
        preflight.commit(tmp_path)
    assert len(clean) == 12
