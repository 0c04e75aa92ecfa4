"""What is said to be in an image."""

import json

from tests.cloudformation.templates import ROOT, resources
from wardstream.cloud.images import SERVICES, services
from wardstream.cloud.sbom import sbom


def test_every_locked_package_and_the_base_image_are_listed() -> None:
    lock = (ROOT / "locks" / "alarm_store.txt").read_text()

    said = json.loads(sbom("alarm_store", "abc", lock, (ROOT / "Dockerfile").read_text()))

    listed = {one["name"]: one for one in said["components"]}
    pins = [
        line.partition("==")[0] for line in lock.splitlines() if "==" in line and not line.startswith("#")
    ]
    assert set(pins) <= set(listed)
    assert listed["boto3"]["purl"].startswith("pkg:pypi/boto3@")
    assert listed["python"]["type"] == "container"


def test_there_is_a_repository_for_every_image() -> None:
    repositories = {
        one["Properties"]["RepositoryName"] for one in resources("storage", "AWS::ECR::Repository").values()
    }

    assert repositories == {f"wardstream/{name}" for name in SERVICES}
    assert set(services(ROOT)) <= set(SERVICES)
