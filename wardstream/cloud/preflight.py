"""Whether a deployment can begin: everything that is missing is told at once, and before anything is made."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from wardstream.runtime.failure import CannotRun

_STACK = re.compile(r"[a-z][a-z0-9-]{0,19}")
_QUICK = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 2})
_DOCKER_S = 20
_NO_CREDENTIALS = "no AWS credentials: run `aws configure`, `aws sso login` or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


class Place(NamedTuple):
    """Where something is deployed to."""

    account: str
    region: str


def ready(stack: str, *, needs_docker: bool) -> Place:
    """Where we deploy to, by AWS' usual variables and files; `CannotRun` tells every reason why we can't."""
    # boto3 itself does not know AWS_REGION, which AWS' other tools do.
    region = os.environ.get("AWS_REGION") or boto3.Session().region_name
    account, refused = _account(region)
    faults = [
        None if _STACK.fullmatch(stack) else _unnamed(stack),
        None if region else "no region: set AWS_REGION, for example to eu-central-1",
        refused,
        _docker() if needs_docker else None,
    ]
    told = [fault for fault in faults if fault]
    if told or account is None or region is None:
        raise CannotRun("nothing was made on AWS:\n  " + "\n  ".join(told))
    return Place(account, region)


_NO_CREDENTIALS = "no AWS credentials: run `aws configure`, `aws sso login` or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def _unnamed(stack: str) -> str:
    if not stack:
        return "no stack named: say which, for example STACK=wardstream"
    return f"STACK={stack} can't be used: a lower-case letter, then letters, digits or dashes, 20 in all"


def _has_credentials() -> bool:
    try:
        return boto3.Session().get_credentials() is not None
    except BotoCoreError:
        return False


def _account(region: str | None) -> tuple[str | None, str | None]:
    """(account, None) or (None, why not); without a region nobody can be asked."""
    if not _has_credentials():
        return None, _NO_CREDENTIALS
    if region is None:
        return None, None
    try:
        return boto3.client("sts", region_name=region, config=_QUICK).get_caller_identity()["Account"], None
    except ClientError as error:
        return None, f"AWS refuses the credentials ({error.response['Error']['Code']}): sign in again"
    except BotoCoreError as error:
        return (
            None,
            f"AWS does not answer in {region} ({type(error).__name__}): check AWS_REGION and the network",
        )


def _docker() -> str | None:
    found = shutil.which("docker")
    if found is None:
        return "no Docker, which builds the images: install it"
    try:
        # What is started is the program of that name on the developer's own path.
        asked = subprocess.run(  # noqa: S603
            [found, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=_DOCKER_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return "Docker does not answer: start it"
    return None if asked.returncode == 0 else "Docker's daemon does not answer: start it"


def commit(folder: Path) -> str:
    """The commit that is deployed, as the images' tag; `CannotRun` if the folder holds what no commit does."""
    if _git(folder, "status", "--porcelain", "--untracked-files=no"):
        raise CannotRun("there are changes that are not committed: an image is named after its commit")
    return _git(folder, "rev-parse", "--short=12", "HEAD").decode().strip()


def archive(folder: Path) -> bytes:
    """The commit's files as a zip."""
    return _git(folder, "archive", "--format=zip", "HEAD")


def _git(folder: Path, *arguments: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise CannotRun("no git, whose commit names the images: install it")
    asked = subprocess.run(  # noqa: S603 -- git, with our own arguments
        [git, "-C", str(folder), *arguments], capture_output=True, check=False
    )
    if asked.returncode:
        raise CannotRun(f"git: {asked.stderr.decode(errors='replace').strip()}")
    return asked.stdout
