"""What GitHub runs is what anybody can run: make's targets, with actions pinned and no right too many."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages; workflows are trees of anything

from tests.cloudformation.templates import ROOT

FILES = tuple(sorted((ROOT / ".github" / "workflows").glob("*.yml")))
_MAKE = re.compile(r"\bmake (?:--silent )?(?P<target>[a-z-]+)")
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
_NEED_AWS = {"push", "sign", "tag", "show", "deploy", "smoke", "rollback", "destroy"}


def _workflow(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text())
    return loaded


def _jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _workflow(file)["jobs"]
    return found


def _runs(file: Path) -> list[str]:
    return [step["run"] for job in _jobs(file).values() for step in job.get("steps", []) if "run" in step]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_workflows_are_these() -> None:
    assert [file.stem for file in FILES] == ["check", "deploy", "destroy", "flow", "images"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_it_runs_is_a_make_target(file: Path) -> None:
    asked = [_MAKE.search(run) for run in _runs(file)]

    assert all(asked)
    assert {found["target"] for found in asked if found} <= _targets()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_actions_are_pinned_by_hash_and_say_their_version(file: Path) -> None:
    lines = [line.strip() for line in file.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
    foreign = [line.removeprefix("- ").removeprefix("uses: ") for line in lines if "uses: ./" not in line]

    assert all(_PINNED.fullmatch(line.partition(" #")[0].strip()) for line in foreign)
    assert all(re.search(r"# v\d+\.\d+\.\d+$", line) for line in foreign)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_right_is_given_to_all_and_only_who_deploys_gets_a_token(file: Path) -> None:
    allowed = ({"contents": "read"}, {"contents": "read", "id-token": "write"})

    assert _workflow(file)["permissions"] == {}
    for job in _jobs(file).values():
        assert job["permissions"] in allowed
        has_token = "id-token" in job["permissions"]
        assert not has_token or job.get("environment") == "aws" or "uses" in job


def test_no_workflow_knows_a_secret() -> None:
    assert not [file.name for file in FILES if "secrets." in file.read_text()]


def test_targets_that_need_aws_refuse_without_and_the_others_are_run_by_the_checks() -> None:
    asked = {found["target"] for file in FILES for run in _runs(file) if (found := _MAKE.search(run))}

    assert asked - _NEED_AWS == {
        *("check", "check-cloud", "prometheus", "test", "test-long", "test-compose", "images", "sbom"),
    }


@pytest.mark.parametrize(("file", "tests"), [("check", "check"), ("flow", "test-long")])
def test_prometheus_is_there_before_tests_that_run_it(file: str, tests: str) -> None:
    (runs,) = (
        [step["run"] for step in job["steps"] if "run" in step]
        for job in _jobs(ROOT / ".github" / "workflows" / f"{file}.yml").values()
        if any(step.get("run") == f"make {tests}" for step in job["steps"])
    )

    assert runs.index("make prometheus") < runs.index(f"make {tests}")


# It installs a virtual environment.
@pytest.mark.timeout(600)
@pytest.mark.slow
def test_the_quick_targets_work_in_a_clean_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True, capture_output=True)

    made = _make(clone, "sbom")
    without = _make(clone, "prometheus") if shutil.which("prometheus") else made
    refused = _make(clone, "deploy", "STACK=wardstream")

    assert made.returncode == 0, made.stderr
    assert without.returncode == 0, without.stderr
    assert (clone / "sbom" / "mqtt_bridge.cdx.json").is_file()
    assert refused.returncode != 0
    assert "no AWS credentials" in refused.stderr
    assert "no region" in refused.stderr


def _make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(
        ["make", *arguments],
        cwd=clone,
        env=plain | nobody,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
