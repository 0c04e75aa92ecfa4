"""From templates and a clone to a stack that runs, and back to nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import boto3

from wardstream.cloud import bucket, images, preflight, smoke
from wardstream.cloud.preflight import Place
from wardstream.cloud.sbom import sbom
from wardstream.cloud.stack import Stack
from wardstream.cloud.templates import GITHUB, ROOT, alone, chosen, packaged, parameters
from wardstream.runtime.failure import CannotRun

Say = Callable[[str], None]
FOLDER = Path("cloudformation")


class Wish(NamedTuple):
    """What is asked for: which stack, with which parameters ('Name=value Name=value'), and how."""

    stack: str
    parameters: str = ""
    role_arn: str | None = None
    only_show: bool = False


def package(place: Place, say: Say) -> str:
    """Uploads the templates; the root template's address."""
    templates = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.yaml"))}
    address = bucket.upload(
        boto3.client("s3", region_name=place.region), place, packaged(templates, bucket.address(place))
    )
    say(f"the template to deploy: {address}")
    return address


def deploy(wish: Wish, say: Say) -> None:
    """Makes or changes the stack, with images of this commit running in it."""
    known, given = _parameters(wish.parameters)
    place = preflight.ready(wish.stack, needs_docker=True)
    tag = preflight.commit(Path())
    stack = _stack(wish, place, say)
    address = package(place, say)
    if stack.is_new() and not wish.only_show:
        say("a first deployment: repositories before images, images before services")
        stack.change(address, known, given)
    if not wish.only_show:
        images.push(boto3.client("ecr", region_name=place.region), Path(), place, tag, say)
    stack.change(address, known, given | {"ImageTag": tag}, only_show=wish.only_show)
    if not wish.only_show:
        _hand_over(place, stack.outputs()["ScriptsBucket"], preflight.archive(Path()), say)


def _hand_over(place: Place, scripts: str, code: bytes, say: Say) -> None:
    """The code for the notebook, which can't reach a repository."""
    client = boto3.client("s3", region_name=place.region)
    client.put_object(Bucket=scripts, Key="training/wardstream.zip", Body=code)
    say(f"the code is in s3://{scripts}/training/")


def github(wish: Wish, repository: str, provider_arn: str, say: Say) -> None:
    """Lets the repository's environment `aws` deploy the stack; says the two variables that GitHub needs."""
    place = preflight.ready(wish.stack, needs_docker=False)
    content = (FOLDER / GITHUB).read_text()
    address = bucket.upload(boto3.client("s3", region_name=place.region), place, alone(GITHUB, content))
    given = {"Name": wish.stack, "GitHubRepository": repository, "GitHubProviderArn": provider_arn}
    stack = _stack(wish._replace(stack=f"{wish.stack}-github"), place, say)
    stack.change(address, set(given), given)
    outputs = stack.outputs()
    say(f"AWS_ROLE_ARN={outputs['GitHubRoleArn']}")
    say(f"DEPLOYER_ROLE_ARN={outputs['DeployerRoleArn']}")


def push(wish: Wish, say: Say) -> None:
    """Builds and pushes the images of this commit, and runs none of them."""
    place = preflight.ready(wish.stack, needs_docker=True)
    images.push(boto3.client("ecr", region_name=place.region), Path(), place, preflight.commit(Path()), say)


def tag(wish: Wish, say: Say) -> None:
    """Says the tag of the images that run now; an empty line where none do."""
    place = preflight.ready(wish.stack, needs_docker=False)
    stack = _stack(wish, place, say)
    say("" if stack.is_new() else stack.parameters().get("ImageTag", ""))


def rollback(wish: Wish, to_tag: str, say: Say) -> None:
    """Runs the images `to_tag` again, in the stack as this clone describes it."""
    if not to_tag:
        raise CannotRun("nothing to go back to: say which images, TAG=…")
    known, given = _parameters(wish.parameters)
    place = preflight.ready(wish.stack, needs_docker=False)
    _stack(wish, place, say).change(package(place, say), known, given | {"ImageTag": to_tag})


def boms(folder: Path) -> list[Path]:
    """Writes the bill of materials of each image into `folder`, and says where."""
    folder.mkdir(parents=True, exist_ok=True)
    version = preflight.commit(Path())
    dockerfile = Path("Dockerfile").read_text()
    written = []
    for service in images.services(Path()):
        path = folder / f"{service}.cdx.json"
        path.write_text(sbom(service, version, Path("locks", f"{service}.txt").read_text(), dockerfile))
        written.append(path)
    return written


def destroy(wish: Wish, typed: str, say: Say, *, keep_data: bool) -> None:
    """Removes the stack if its name was typed; the lake too unless `keep_data`."""
    if typed != wish.stack:
        raise CannotRun("nothing was removed: type the stack's name to confirm")
    known, _ = _parameters("")
    place = preflight.ready(wish.stack, needs_docker=False)
    stack = _stack(wish, place, say)
    if stack.status() is None:
        raise CannotRun(f"there is no stack {wish.stack} in {place.region}")
    if not keep_data:
        # The stack empties what goes with it: it must know that the lake does.
        stack.change(package(place, say), known, {"KeepData": "false"})
    stack.delete()
    say(f"{wish.stack} is gone" + (", its lake is kept" if keep_data else ""))


def check(wish: Wish, say: Say) -> None:
    """Says a reading and waits for it in the lake."""
    place = preflight.ready(wish.stack, needs_docker=False)
    outputs = _stack(wish, place, say).outputs()
    found = boto3.client("iot", region_name=place.region).describe_endpoint(endpointType="iot:Data-ATS")
    iot = boto3.client(
        "iot-data", region_name=place.region, endpoint_url=f"https://{found['endpointAddress']}"
    )
    smoke.smoke(iot, boto3.client("athena", region_name=place.region), outputs, say)


def _parameters(text: str) -> tuple[set[str], dict[str, str]]:
    known = parameters((FOLDER / ROOT).read_text())
    try:
        return known, chosen(text, known)
    except ValueError as error:
        raise CannotRun(f"PARAMETERS: {error}") from error


def _stack(wish: Wish, place: Place, say: Say) -> Stack:
    client = boto3.client("cloudformation", region_name=place.region)
    return Stack(client, wish.stack, say, wish.role_arn)
