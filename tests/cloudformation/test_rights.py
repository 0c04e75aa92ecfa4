"""Nobody may do more than is said: no wildcard without a reason, one role per task, no role for everybody."""

from typing import Any

import pytest

from tests.cloudformation.templates import (
    NAMES,
    documents,
    everywhere,
    resources,
    statements,
    template,
    text,
    walk,
)

_HOLD_POLICIES = [(name, key) for name in NAMES for key, one in resources(name).items() if documents(one)]


def _is_wild(statement: dict[str, Any]) -> bool:
    actions = any("*" in action for action in statement["Action"])
    return actions or "*" in statement["Resource"] or statement.get("Principal") == "*"


def _reason(resource: dict[str, Any]) -> str:
    said: str = resource.get("Metadata", {}).get("wildcards", "")
    return said


@pytest.mark.parametrize(("name", "key"), _HOLD_POLICIES)
def test_a_wildcard_has_a_reason_and_a_reason_a_wildcard(name: str, key: str) -> None:
    resource = resources(name)[key]
    given = [one for document in documents(resource) for one in statements(document)]

    is_wild = any(_is_wild(one) or _names_all(one) for one in given)

    assert bool(_reason(resource)) == is_wild or (
        _reason(resource) and "ManagedPolicyArns" in resource["Properties"]
    )


def _names_all(statement: dict[str, Any]) -> bool:
    """All certificates, all tasks: a kind of wildcard where the name isn't our own to give."""
    return any(text(one).rstrip('"}').endswith(("cert/*", "thing/*")) for one in statement["Resource"])


def test_an_allowed_action_is_always_named() -> None:
    wild = [
        (name, key, action)
        for name, key in _HOLD_POLICIES
        for document in documents(resources(name)[key])
        for one in statements(document)
        if one["Effect"] == "Allow"
        for action in one["Action"]
        if "*" in action
    ]

    # A key whose policy does not give it to the account could never be administered again.
    assert {action for _, _, action in wild} == {"kms:*"}
    assert {(name, key) for name, key, _ in wild} == {
        (name.partition(".")[0], name.partition(".")[2]) for name in everywhere("AWS::KMS::Key")
    }


def test_every_task_has_a_role_of_its_own() -> None:
    tasks = resources("services", "AWS::ECS::TaskDefinition")

    roles = [text(one["Properties"]["TaskRoleArn"]) for one in tasks.values()]

    assert len(set(roles)) == len(roles)
    assert all(
        key.removesuffix("Task") in text(one["Properties"]["TaskRoleArn"]) for key, one in tasks.items()
    )


def test_a_role_that_a_service_of_aws_takes_is_taken_for_this_account_only() -> None:
    # Lambda and ECS' agent assume roles without saying for which account.
    excepted = {"lambda.amazonaws.com"}
    loose = [
        name
        for name, role in everywhere("AWS::IAM::Role").items()
        for one in statements(role["Properties"]["AssumeRolePolicyDocument"])
        if one.get("Principal", {}).get("Service") not in excepted
        and "Condition" not in one
        and not name.endswith(".ExecutionRole")
    ]

    assert not loose


def test_github_may_deploy_from_its_environment_only_and_holds_no_key() -> None:
    (trust,) = statements(resources("github")["GitHubRole"]["Properties"]["AssumeRolePolicyDocument"])

    asked = trust["Condition"]["StringEquals"]

    assert trust["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert asked["token.actions.githubusercontent.com:sub"] == {
        "Fn::Sub": "repo:${GitHubRepository}:environment:aws"
    }
    assert not [
        name for name in NAMES if resources(name, "AWS::IAM::AccessKey") or resources(name, "AWS::IAM::User")
    ]


def test_every_suppressed_check_says_why() -> None:
    skipped = [
        one
        for name in NAMES
        for tree in walk(template(name))
        if isinstance(tree, dict) and "checkov" in tree
        for one in tree["checkov"]["skip"]
    ]

    assert skipped
    assert all(len(one["comment"]) > 20 for one in skipped)
