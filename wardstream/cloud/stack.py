"""One CloudFormation stack: changed by a change set that is shown first, waited for, and told in one line if it fails."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, WaiterError

from wardstream.runtime.failure import CannotRun

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

Say = Callable[[str], None]
_POLL_S = 15.0
# MSK takes the better part of an hour.
_PATIENCE_S = 3 * 3600.0
_NEW = {"REVIEW_IN_PROGRESS", None}
_GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_COMPLETE"}
_GONE = "DELETE_COMPLETE"
_NOTHING = ("didn't contain changes", "No updates are to be performed")


class Stack:
    """A stack by name. `role_arn`: what CloudFormation does it as; None: as whoever asks."""

    def __init__(
        self,
        client: "CloudFormationClient",
        name: str,
        say: Say,
        role_arn: str | None = None,
        poll_s: float = _POLL_S,
    ) -> None:
        self._client = client
        self._name = name
        self._say = say
        self._role = {"RoleARN": role_arn} if role_arn else {}
        self._poll_s = poll_s

    def status(self) -> str | None:
        """CloudFormation's word for how it is; None: there is none."""
        try:
            return self._client.describe_stacks(StackName=self._name)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise CannotRun(f"CloudFormation refuses: {error.response['Error']['Message']}") from error

    def is_new(self) -> bool:
        """Whether nothing of it has been made yet."""
        return self.status() in _NEW

    def outputs(self) -> dict[str, str]:
        """What the stack tells of itself."""
        told = self._client.describe_stacks(StackName=self._name)["Stacks"][0].get("Outputs", [])
        return {one["OutputKey"]: one["OutputValue"] for one in told}

    def parameters(self) -> dict[str, str]:
        """The parameters it has now."""
        told = self._client.describe_stacks(StackName=self._name)["Stacks"][0].get("Parameters", [])
        return {one["ParameterKey"]: one["ParameterValue"] for one in told}

    def change(
        self, template_url: str, known: set[str], chosen: Mapping[str, str], *, only_show: bool = False
    ) -> None:
        """Makes or changes the stack; what isn't chosen stays as it was. `CannotRun` with AWS' reason if it fails.

        The changes are said first; `only_show` leaves it at that.
        """
        if (before := self.status()) == "ROLLBACK_COMPLETE":
            raise CannotRun(
                f"the first deployment of {self._name} failed: remove what is left with `make destroy`"
            )
        is_new = before in _NEW
        had = set() if is_new else set(self.parameters())
        change_set = f"wardstream-{int(time.time())}"
        self._client.create_change_set(
            StackName=self._name,
            ChangeSetName=change_set,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateURL=template_url,
            Parameters=_merged(known & had, chosen),
            IncludeNestedStacks=True,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            **self._role,  # type: ignore[arg-type]  # one optional argument
        )
        if not self._shown(change_set):
            self._say("nothing changes")
        elif not only_show:
            self._client.execute_change_set(StackName=self._name, ChangeSetName=change_set)
            self._wait(began_s=time.time())
            return
        self._client.delete_change_set(StackName=self._name, ChangeSetName=change_set)

    def _shown(self, change_set: str) -> bool:
        """Says what will change; False if nothing does."""
        try:
            self._client.get_waiter("change_set_create_complete").wait(
                StackName=self._name, ChangeSetName=change_set, WaiterConfig={"Delay": 5}
            )
        except WaiterError as error:
            told = self._client.describe_change_set(StackName=self._name, ChangeSetName=change_set)
            why = told.get("StatusReason", str(error))
            if any(said in why for said in _NOTHING):
                return False
            raise CannotRun(f"CloudFormation refuses the change: {why}") from error
        self._say_changes(change_set, self._name)
        return True

    def _say_changes(self, change_set: str, stack: str) -> None:
        for page in self._client.get_paginator("describe_change_set").paginate(
            ChangeSetName=change_set, StackName=stack
        ):
            for one in page["Changes"]:
                change = one["ResourceChange"]
                replaced = " REPLACED" if change.get("Replacement") == "True" else ""
                self._say(
                    f"  {change['Action']:8}{change['LogicalResourceId']} ({change['ResourceType']}){replaced}"
                )
                if "ChangeSetId" in change:
                    self._say_changes(change["ChangeSetId"], change["PhysicalResourceId"])

    def _wait(self, began_s: float) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        said = None
        while (
            (status := self.status()) is not None and status.endswith("_IN_PROGRESS") and status not in _GOOD
        ):
            if status != said:
                self._say(f"{self._name}: {status}")
                said = status
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"{self._name} is still {status} after three hours: see CloudFormation's console"
                )
            time.sleep(self._poll_s)
        if status not in _GOOD:
            raise CannotRun(f"{self._name} is {status}: {self._why(began_s)}")
        self._say(f"{self._name}: {status}")

    def _why(self, began_s: float) -> str:
        """The first failure of this change, which the others followed from."""
        for event in reversed(self._client.describe_stack_events(StackName=self._name)["StackEvents"]):
            is_of_now = event["Timestamp"].timestamp() >= began_s
            if is_of_now and event.get("ResourceStatus", "").endswith("_FAILED"):
                return f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        return "see CloudFormation's console"

    def delete(self) -> None:
        """Deletes the stack and waits; `CannotRun` tells what would not go."""
        began_s = time.time()
        self._client.delete_stack(StackName=self._name, **self._role)  # type: ignore[arg-type]  # one optional argument
        deadline = time.monotonic() + _PATIENCE_S
        while (status := self.status()) == "DELETE_IN_PROGRESS" and time.monotonic() < deadline:
            time.sleep(self._poll_s)
        if status not in (None, _GONE):
            raise CannotRun(f"{self._name} is {status}: {self._why(began_s)}")


def _merged(kept: set[str], chosen: Mapping[str, str]) -> "list[ParameterTypeDef]":
    given: list[ParameterTypeDef] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in sorted(chosen.items())
    ]
    return given + [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept - set(chosen))]
