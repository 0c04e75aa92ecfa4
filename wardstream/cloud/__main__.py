"""`python -m wardstream.cloud package|deploy|smoke|destroy …`: what `make` runs; see docs/deploy.md."""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from wardstream.cloud import deploy, preflight
from wardstream.cloud.deploy import Wish
from wardstream.runtime.failure import CannotRun


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _given(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wardstream.cloud", description=__doc__)
    parser.add_argument(
        "do", choices=("package", "deploy", "push", "tag", "rollback", "smoke", "sbom", "github", "destroy")
    )
    parser.add_argument("--stack", default="", help="the stack's name")
    parser.add_argument(
        "--parameters", default="", help="'Name=value Name=value', as in cloudformation/root.yaml"
    )
    parser.add_argument("--role-arn", default="", help="what CloudFormation does it as")
    parser.add_argument(
        "--only-show", action="store_true", help="show what would change, and leave it at that"
    )
    parser.add_argument("--tag", default="", help="rollback: the images to go back to")
    parser.add_argument("--repository", default="", help="github: owner/name")
    parser.add_argument(
        "--provider-arn", default="", help="github: its OIDC provider, if the account has one"
    )
    parser.add_argument("--confirm", default="", help="destroy: the stack's name once more")
    parser.add_argument(
        "--keep-data", choices=("true", "false"), default="true", help="destroy: the lake stays"
    )
    return parser.parse_args(arguments)


def _do(given: argparse.Namespace, wish: Wish) -> None:
    match given.do:
        case "package":
            # Its bucket is for all stacks of an account.
            deploy.package(preflight.ready(given.stack or "wardstream", needs_docker=False), _say)
        case "deploy":
            deploy.deploy(wish, _say)
        case "push":
            deploy.push(wish, _say)
        case "tag":
            deploy.tag(wish, _say)
        case "rollback":
            deploy.rollback(wish, given.tag, _say)
        case "smoke":
            deploy.check(wish, _say)
        case "sbom":
            for path in deploy.boms(Path("sbom")):
                _say(str(path))
        case "github":
            deploy.github(wish, given.repository, given.provider_arn, _say)
        case _:
            deploy.destroy(wish, given.confirm, _say, keep_data=given.keep_data == "true")


def main(arguments: list[str]) -> int:
    """The exit code: 1 with one message if it can't be done."""
    given = _given(arguments)
    wish = Wish(given.stack, given.parameters, given.role_arn or None, given.only_show)
    try:
        _do(given, wish)
    except CannotRun as failure:
        sys.stderr.write(f"{given.do}: {failure}\n")
        return 1
    except (BotoCoreError, ClientError) as failure:
        sys.stderr.write(f"{given.do}: AWS: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
