"""The functions inside the templates, run as Lambda would run them, against stand-ins for AWS' clients."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.cloudformation.templates import resources

_PLENTY_MS = 900_000


@dataclass
class Answers:
    """cfnresponse: what CloudFormation was told."""

    SUCCESS: str = "SUCCESS"
    FAILED: str = "FAILED"
    said: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)

    def send(
        self,
        _event: object,
        _context: object,
        status: str,
        data: dict[str, Any],
        _physical_id: str,
        *,
        reason: str | None = None,
    ) -> None:
        self.said.append((status, data, reason))


@dataclass
class Context:
    """How long Lambda gives the function yet."""

    left_ms: int = _PLENTY_MS

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


Handler = Callable[[dict[str, Any], Context], None]


@pytest.fixture
def answers() -> Answers:
    return Answers()


def loaded(
    monkeypatch: pytest.MonkeyPatch, answers: Answers, place: tuple[str, str], **boto: Any
) -> dict[str, Any]:
    """The function's module, with stand-ins where it imports boto3 and cfnresponse."""
    code = resources(place[0])[place[1]]["Properties"]["Code"]["ZipFile"]
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(**boto))
    monkeypatch.setitem(sys.modules, "cfnresponse", answers)
    module = ModuleType("index")
    exec(compile(code, "index.py", "exec"), module.__dict__)
    return module.__dict__


def event(kind: str, **properties: Any) -> dict[str, Any]:
    return {"RequestType": kind, "ResourceProperties": properties}


class Bucket:
    """An S3 bucket with two pages of versions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.deleted: list[str] = []
        self.object_versions = SimpleNamespace(pages=self._pages)

    def _pages(self) -> Iterator[list[Any]]:
        yield [SimpleNamespace(object_key="a", id="1"), SimpleNamespace(object_key="a", id="2")]
        yield [SimpleNamespace(object_key="b", id="null")]

    def delete_objects(self, *, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 -- boto3's name
        self.deleted += [f"{one['Key']}:{one['VersionId']}" for one in Delete["Objects"]]
        return {}


def test_buckets_are_emptied_when_the_stack_goes_and_only_then(
    monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    buckets = {name: Bucket(name) for name in ("scripts", "refused")}
    s3 = SimpleNamespace(Bucket=buckets.__getitem__)
    handler: Handler = loaded(monkeypatch, answers, ("storage", "Emptier"), resource=lambda _: s3)["handler"]

    for kind in ("Create", "Update"):
        handler(event(kind, Buckets=list(buckets)), Context())
    untouched = [list(bucket.deleted) for bucket in buckets.values()]
    handler(event("Delete", Buckets=list(buckets)), Context())

    assert untouched == [[], []]
    assert buckets["scripts"].deleted == ["a:1", "a:2", "b:null"]
    assert [status for status, _, _ in answers.said] == ["SUCCESS"] * 3


def test_a_bucket_too_large_for_fifteen_minutes_fails_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    bucket = Bucket("lake")
    s3 = SimpleNamespace(Bucket=lambda _: bucket)
    handler: Handler = loaded(monkeypatch, answers, ("storage", "Emptier"), resource=lambda _: s3)["handler"]

    handler(event("Delete", Buckets=["lake"]), Context(left_ms=10_000))

    ((status, _, reason),) = answers.said
    assert status == "FAILED"
    assert "delete the stack again" in (reason or "")


def test_brokers_are_told_as_the_template_asks_for_them(
    monkeypatch: pytest.MonkeyPatch, answers: Answers
) -> None:
    found = {"BootstrapBrokerStringSaslIam": "b:9098", "BootstrapBrokerStringSaslScram": "b:9096"}
    kafka = SimpleNamespace(get_bootstrap_brokers=lambda **_: found)
    handler: Handler = loaded(monkeypatch, answers, ("streaming", "Bootstrap"), client=lambda _: kafka)[
        "handler"
    ]

    handler(event("Create", ClusterArn="arn"), Context())

    assert answers.said == [("SUCCESS", {"Iam": "b:9098", "Scram": "b:9096"}, None)]


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_the_account_s_iot_endpoint_is_told_and_not_asked_for_when_the_stack_goes(
    monkeypatch: pytest.MonkeyPatch, answers: Answers, kind: str
) -> None:
    # A session of its own: the default one would keep these credentials for as long as the process lives.
    session = boto3.session.Session(aws_access_key_id="nobody", aws_secret_access_key="nobody")
    iot = session.client("iot", region_name="eu-central-1")
    with Stubber(iot) as asked:
        if kind == "Create":
            asked.add_response(
                "describe_endpoint", {"endpointAddress": "abc-ats.iot"}, {"endpointType": "iot:Data-ATS"}
            )
        handler: Handler = loaded(monkeypatch, answers, ("network", "IotDataAsk"), client=lambda _: iot)[
            "handler"
        ]
        handler(event(kind), Context())
        asked.assert_no_pending_responses()

    assert answers.said == [("SUCCESS", {"Host": "abc-ats.iot"} if kind == "Create" else {}, None)]


class Ecs:
    """ECS with one task, which stops the second time somebody asks."""

    def __init__(self, exit_code: int) -> None:
        self._exit_code = exit_code
        self._asked = 0
        self.ran: dict[str, Any] = {}

    def run_task(self, **how: Any) -> dict[str, Any]:
        self.ran = how
        return {"tasks": [{"taskArn": "arn"}], "failures": []}

    def describe_tasks(self, **_: Any) -> dict[str, Any]:
        self._asked += 1
        if self._asked == 1:
            return {"tasks": [{"lastStatus": "RUNNING", "containers": [{}]}]}
        stopped = {
            "lastStatus": "STOPPED",
            "stoppedReason": "ended",
            "containers": [{"exitCode": self._exit_code}],
        }
        return {"tasks": [stopped]}


@pytest.mark.parametrize(("exit_code", "status"), [(0, "SUCCESS"), (1, "FAILED")])
def test_services_wait_for_topics_and_hear_of_a_failure(
    monkeypatch: pytest.MonkeyPatch, answers: Answers, exit_code: int, status: str
) -> None:
    ecs = Ecs(exit_code)
    module = loaded(monkeypatch, answers, ("services", "Provisioner"), client=lambda _: ecs)
    module["PAUSE_S"] = 0
    wanted = {"Cluster": "c", "TaskDefinition": "t:1", "Subnets": ["a"], "SecurityGroups": ["g"]}

    module["handler"](event("Create", **wanted), Context())

    assert answers.said[0][0] == status
    assert ecs.ran["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"


def test_nothing_is_run_when_the_stack_goes(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> None:
    ecs = Ecs(0)
    module = loaded(monkeypatch, answers, ("services", "Provisioner"), client=lambda _: ecs)

    module["handler"](event("Delete"), Context())

    assert ecs.ran == {}
    assert answers.said[0][0] == "SUCCESS"
