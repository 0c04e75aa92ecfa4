"""How a stack is changed and removed. botocore's Stubber answers: it holds every request to CloudFormation's own model of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from wardstream.cloud.stack import Stack
from wardstream.runtime.failure import CannotRun

NAME = "wardstream"
URL = "https://bucket.example/root.yaml"
KNOWN = {"Size", "ImageTag", "KeepData"}
NOW = datetime.now(UTC)
GONE = f"Stack with id {NAME} does not exist"


class Told:
    """A stack against answers given beforehand, and what it said."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "cloudformation", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.answers = Stubber(self.client)
        self.said: list[str] = []
        self.stack = Stack(self.client, NAME, self.said.append, poll_s=0)

    def status(self, status: str, parameters: dict[str, str] | None = None) -> None:
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in (parameters or {}).items()]
        stack = {"StackName": NAME, "CreationTime": NOW, "StackStatus": status, "Parameters": given}
        self.answers.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": NAME})

    def is_missing(self) -> None:
        self.answers.add_client_error(
            "describe_stacks", "ValidationError", GONE, expected_params={"StackName": NAME}
        )

    def takes_change_set(self, kind: str, parameters: list[dict[str, Any]]) -> None:
        expected = {
            "StackName": NAME,
            "ChangeSetName": ANY,
            "ChangeSetType": kind,
            "TemplateURL": URL,
            "Parameters": parameters,
            "IncludeNestedStacks": True,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        self.answers.add_response("create_change_set", {"Id": "arn"}, expected)

    def describes(self, status: str, **more: Any) -> None:
        self.answers.add_response("describe_change_set", {"Status": status, **more})


@pytest.fixture
def told() -> Iterator[Told]:
    given = Told()
    with given.answers:
        yield given


def change(action: str, name: str, **more: str) -> dict[str, Any]:
    kind = "AWS::CloudFormation::Stack"
    return {
        "Type": "Resource",
        "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more},
    }


def test_a_first_deployment_shows_its_changes_and_waits_until_all_is_there(told: Told) -> None:
    told.is_missing()
    told.takes_change_set("CREATE", [{"ParameterKey": "Size", "ParameterValue": "pilot"}])
    told.describes("CREATE_COMPLETE")
    told.describes("CREATE_COMPLETE", Changes=[change("Add", "Network"), change("Add", "Storage")])
    told.answers.add_response("execute_change_set", {}, {"StackName": NAME, "ChangeSetName": ANY})
    told.status("CREATE_IN_PROGRESS")
    told.status("CREATE_COMPLETE")

    told.stack.change(URL, KNOWN, {"Size": "pilot"})

    told.answers.assert_no_pending_responses()
    assert any("Add" in line and "Network" in line for line in told.said)
    assert told.said[-1] == f"{NAME}: CREATE_COMPLETE"


def test_a_later_one_keeps_what_was_not_chosen_anew_and_tells_of_replacements(told: Told) -> None:
    told.status("UPDATE_COMPLETE")
    told.status("UPDATE_COMPLETE", {"Size": "hospital", "ImageTag": "old", "Forgotten": "x"})
    told.takes_change_set(
        "UPDATE",
        [
            {"ParameterKey": "ImageTag", "ParameterValue": "new"},
            {"ParameterKey": "Size", "UsePreviousValue": True},
        ],
    )
    told.describes("CREATE_COMPLETE")
    nested = {"ChangeSetId": "arn:nested", "PhysicalResourceId": "nested-stack"}
    told.describes("CREATE_COMPLETE", Changes=[change("Modify", "Services", **nested)])
    told.describes("CREATE_COMPLETE", Changes=[change("Modify", "Cluster", Replacement="True")])
    told.answers.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": ANY})

    told.stack.change(URL, KNOWN, {"ImageTag": "new"}, only_show=True)

    told.answers.assert_no_pending_responses()
    assert told.said[-1].endswith("REPLACED")


def test_nothing_to_change_is_no_failure(told: Told) -> None:
    told.status("CREATE_COMPLETE")
    told.status("CREATE_COMPLETE")
    told.takes_change_set("UPDATE", [])
    told.describes("FAILED", StatusReason="The submitted information didn't contain changes.")
    told.describes("FAILED", StatusReason="The submitted information didn't contain changes.")
    told.answers.add_response("delete_change_set", {}, {"StackName": NAME, "ChangeSetName": ANY})

    told.stack.change(URL, KNOWN, {})

    assert told.said == ["nothing changes"]


def test_a_failure_is_told_by_the_event_that_the_others_followed_from(told: Told) -> None:
    told.is_missing()
    told.takes_change_set("CREATE", [])
    told.describes("CREATE_COMPLETE")
    told.describes("CREATE_COMPLETE", Changes=[])
    told.answers.add_response("execute_change_set", {})
    told.status("ROLLBACK_COMPLETE")
    told.answers.add_response(
        "describe_stack_events",
        {
            "StackEvents": [
                _event("Network", "CREATE_FAILED", "Resource creation cancelled", seconds=20),
                _event("Storage", "CREATE_FAILED", "BSM_alarm already exists", seconds=10),
                _event("Storage", "DELETE_FAILED", "of another day", seconds=-86_400),
            ]
        },
    )

    with pytest.raises(CannotRun, match="BSM_alarm already exists"):
        told.stack.change(URL, KNOWN, {})


def _event(name: str, status: str, why: str, seconds: int) -> dict[str, Any]:
    return {
        "StackId": "arn",
        "EventId": f"{name}{seconds}",
        "StackName": NAME,
        # Not at import: the whole suite may run for long before this does.
        "Timestamp": datetime.now(UTC) + timedelta(seconds=60 + seconds),
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": why,
    }


def test_what_is_left_of_a_failed_first_deployment_has_to_go_first(told: Told) -> None:
    told.status("ROLLBACK_COMPLETE")

    with pytest.raises(CannotRun, match="make destroy"):
        told.stack.change(URL, KNOWN, {})


def test_a_stack_is_gone_when_cloudformation_no_longer_knows_it(told: Told) -> None:
    told.answers.add_response("delete_stack", {}, {"StackName": NAME})
    told.status("DELETE_IN_PROGRESS")
    told.is_missing()

    told.stack.delete()

    told.answers.assert_no_pending_responses()
