"""The services' images: built here, pushed to ECR under their commit."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from wardstream.cloud.preflight import Place
from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

Say = Callable[[str], None]
SERVICES = ("mqtt_bridge", "stream_processor", "parquet_sink", "alarm_store", "local", "sagemaker_training")
# `local` is the command line; the others start their package.
_STARTS = {"local": "wardstream"}


def services(folder: Path) -> tuple[str, ...]:
    """Those that have a lock file, and so an image, in this build."""
    return tuple(name for name in SERVICES if (folder / "locks" / f"{name}.txt").is_file())


def registry(place: Place) -> str:
    """ECR's address."""
    return f"{place.account}.dkr.ecr.{place.region}.amazonaws.com"


def build(folder: Path, service: str, image: str) -> None:
    """Builds one image; `CannotRun` if Docker can't."""
    start = [f"--build-arg=START={_STARTS[service]}"] if service in _STARTS else []
    # What the task definitions say they run on, whatever this machine is.
    _docker(
        "build",
        "--quiet",
        "--platform=linux/amd64",
        f"--build-arg=SERVICE={service}",
        *start,
        "--tag",
        image,
        str(folder),
    )


def push(client: "ECRClient", folder: Path, place: Place, tag: str, say: Say) -> None:
    """Builds and pushes whatever ECR hasn't under this tag; tags there never change."""
    missing = [name for name in services(folder) if not _is_there(client, name, tag)]
    if missing:
        _sign_in(client, place)
    for name in missing:
        image = f"{registry(place)}/wardstream/{name}:{tag}"
        say(f"building and pushing {name}:{tag}")
        build(folder, name, image)
        _docker("push", "--quiet", image)


def _is_there(client: "ECRClient", service: str, tag: str) -> bool:
    try:
        client.describe_images(repositoryName=f"wardstream/{service}", imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ImageNotFoundException":
            return False
        raise CannotRun(f"ECR refuses: {error.response['Error']['Message']}") from error
    return True


def _sign_in(client: "ECRClient", place: Place) -> None:
    token = client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    # By stdin: an argument could be read by every process of this machine.
    _docker("login", "--username", user, "--password-stdin", registry(place), said=password)


def _docker(*arguments: str, said: str | None = None) -> None:
    docker = shutil.which("docker")
    if docker is None:
        raise CannotRun("no Docker, which builds the images: install it")
    done = subprocess.run(  # noqa: S603 -- Docker, with our own arguments
        [docker, *arguments], input=said, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise CannotRun(f"docker {arguments[0]} failed: {done.stderr.strip()[-2000:]}")
