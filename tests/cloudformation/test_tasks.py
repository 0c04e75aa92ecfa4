"""What a task is given is what its service knows, and all that it needs; and it may do what it does, no more."""

import fnmatch
import importlib
import importlib.util
import inspect
import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.cloudformation.templates import resources, statements, text
from wardstream.contracts import access, topics
from wardstream.contracts.state_topic import state_topic
from wardstream.contracts.tables import ALARM_TABLE, ANOMALY_TABLE
from wardstream.contracts.topics import TOPICS
from wardstream.runtime.health import Health, served
from wardstream.runtime.kafka import KafkaSettings
from wardstream.runtime.settings import ServiceSettings

_ROOMS = {
    "acker": "mqtt_bridge.acker_settings",
    "provision": "wardstream.provision.settings",
    "parquet_compact": "parquet_sink.compact",
}
# What a task runs, where it is not its image's own service.
_MODULES = {"acker": "mqtt_bridge.acker", "parquet_compact": "parquet_sink.compact"}
# Whose image a task runs, where it is not its own.
_IMAGES = {"acker": "mqtt_bridge", "provision": "local", "parquet_compact": "parquet_sink"}
_STATE = state_topic(topics.PROCESSOR_GROUP)
# (reads, writes) by service, as a secured Kafka elsewhere allows them. Here the bridge has no MQTT sessions to share out.
_TALKS: dict[str, tuple[set[str], set[str]]] = {
    name: (set(may.reads) - ({topics.BRIDGE_SLOTS.name} if name == "mqtt_bridge" else set()), set(may.writes))
    for name, may in access.SERVICES.items()
    if name not in ("operator", "sagemaker_training")
} | {"parquet_compact": (set(), set()), "provision": (set(), set())}
# What functions give when the stack is made, where the text matters to a settings class.
_MADE = {
    "Bootstrap": "b-1.wardstream.kafka.eu-central-1.amazonaws.com:9098",
    "AWS::Region": "eu-central-1",
    "LakeBucket": "wardstream-lake",
    "Partitions": "48",
    "CheckpointIntervalS": "30",
    "AckIntervalS": "21600",
    "https://${IotDataHost}": "https://abc-ats.iot.eu-central-1.amazonaws.com",
}


def _containers() -> dict[str, dict[str, Any]]:
    found = resources("services", "AWS::ECS::TaskDefinition")
    return {
        task["Properties"]["ContainerDefinitions"][0]["Name"]: task["Properties"]["ContainerDefinitions"][0]
        for task in found.values()
    }


def _given(service: str) -> dict[str, str]:
    return {
        one["Name"]: _MADE[next(iter(one["Value"].values()))]
        if isinstance(one["Value"], dict)
        else one["Value"]
        for one in _containers()[service]["Environment"]
    }


def _settings_class(room: str) -> type[ServiceSettings]:
    module = importlib.import_module(room)
    (own,) = (
        found
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, ServiceSettings) and found.__module__ == module.__name__
    )
    return own


SERVICES = tuple(_TALKS)


def test_the_services_are_these() -> None:
    assert set(_containers()) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_task_is_given_settings_that_its_service_knows_and_starts_with(service: str) -> None:
    known = _settings_class(_ROOMS.get(service, f"{service}.settings"))
    given = _given(service)

    settings = known(**{name.lower(): value for name, value in given.items()})  # type: ignore[arg-type]  # text, as variables are

    assert given.keys() <= {name.upper() for name in known.model_fields}
    assert not isinstance(settings, KafkaSettings) or settings.signs_with_aws


@pytest.mark.parametrize("service", _MODULES)
def test_a_task_that_shares_an_image_says_what_it_runs(service: str) -> None:
    module = _MODULES[service]

    assert _containers()[service]["EntryPoint"] == ["python", "-m", module]
    assert importlib.util.find_spec(module) is not None


def test_the_training_is_given_settings_that_it_knows() -> None:
    known = _settings_class("sagemaker_training.settings")
    body = resources("training")["Pipeline"]["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"][
        "Fn::Sub"
    ]
    # Every ${...} is a text inside quotes, but the volume's size.
    definition = json.loads(re.sub(r"\$\{TrainingGiB\}", "30", body))
    (step,) = definition["Steps"]

    given = step["Arguments"]["Environment"]

    assert given.keys() <= {name.upper() for name in known.model_fields}


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_the_service_own(service: str) -> None:
    image = _containers()[service]["Image"]["Fn::Sub"][0]
    named = {
        key: one["Properties"]["RepositoryName"]
        for key, one in resources("storage", "AWS::ECR::Repository").items()
    }

    parameter = image.removeprefix("${").partition("}")[0]

    assert named[parameter] == f"wardstream/{_IMAGES.get(service, service)}"


def _policies(service: str) -> list[dict[str, Any]]:
    role = resources("services")[f"{service.title().replace('_', '')}Role"]
    return [one for policy in role["Properties"]["Policies"] for one in statements(policy["PolicyDocument"])]


def _named(service: str, action: str, kind: str) -> set[str]:
    """The topics (or groups ...) on which the service may do that."""
    marked = f":{kind}/${{ClusterPath}}/"
    return {
        text(resource["Fn::Sub"]).partition(marked)[2]
        for one in _policies(service)
        if f"kafka-cluster:{action}" in one["Action"]
        for resource in one["Resource"]
        if marked in text(resource)
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_and_write_its_topics_and_no_other(service: str) -> None:
    reads, writes = _TALKS[service]

    assert _named(service, "ReadData", "topic") == reads
    assert _named(service, "WriteData", "topic") == writes
    assert reads | writes <= {topic.name for topic in TOPICS} | {_STATE}


def test_provision_may_make_every_topic() -> None:
    assert _named("provision", "CreateTopic", "topic") == {topic.name for topic in TOPICS}


@pytest.mark.parametrize("service", sorted(set(SERVICES) & access.SERVICES.keys()))
def test_groups_are_those_that_the_service_joins(service: str) -> None:
    joined = set(access.SERVICES[service].groups)

    here = _named(service, "AlterGroup", "group")

    assert here == joined - ({topics.BRIDGE_GROUP} if service == "mqtt_bridge" else set())


def test_only_the_acker_speaks_to_devices_and_only_to_acknowledge() -> None:
    speaks = {
        service: [text(place["Fn::Sub"]).rpartition(":topic/")[2] for place in one["Resource"]]
        for service in SERVICES
        for one in _policies(service)
        if any(action.startswith("iot:") for action in one["Action"])
    }

    assert speaks == {"acker": ["cmd/device/*/ack", "cmd/gateway/*/ack"]}
    for device in ("watch-1", "hub:watch-2"):
        assert any(fnmatch.fnmatchcase(topics.ack_topic(device), place) for place in speaks["acker"])


def test_a_device_may_hear_what_the_acker_says_to_it() -> None:
    policy = resources("identity")["DevicePolicy"]["Properties"]["PolicyDocument"]
    heard = {
        action: text(place["Fn::Sub"])
        .replace("${!iot:Connection.Thing.ThingName}", "watch-1")
        .rpartition(":")[2]
        for one in statements(policy)
        for action in one["Action"]
        for place in one["Resource"]
        if action in {"iot:Subscribe", "iot:Receive"}
    }

    mine = topics.ack_topic("watch-1")
    assert heard == {"iot:Subscribe": f"topicfilter/{mine}", "iot:Receive": f"topic/{mine}"}


def test_one_acker_stands_by_and_no_lag_makes_a_third() -> None:
    assert resources("services")["Acker"]["Properties"]["DesiredCount"] == 2
    assert "AckerScale" not in resources("services")


def test_the_acker_may_fence_its_predecessor() -> None:
    assert _named("acker", "AlterTransactionalId", "transactional-id") == {topics.ACKER_GROUP}


def test_the_processor_may_fence_every_partition_of_its_state() -> None:
    assert _named("stream_processor", "AlterTransactionalId", "transactional-id") == {f"{_STATE}-*"}
    assert _STATE in _named("stream_processor", "CreateTopic", "topic")


def test_tables_and_topics_have_the_contract_s_names() -> None:
    tables = {one["Properties"]["TableName"] for one in resources("storage", "AWS::DynamoDB::Table").values()}
    rule = resources("streaming")["Rule"]["Properties"]["TopicRulePayload"]
    (action,) = rule["Actions"]

    assert tables == {ANOMALY_TABLE, ALARM_TABLE}
    assert action["Kafka"]["Topic"] == topics.DEVICE_RAW.name
    assert f"FROM '{topics.MQTT_READINGS}/+'" in rule["Sql"]


def test_every_service_is_watched_by_the_lag_of_its_own_group() -> None:
    groups = {
        "mqtt_bridge": (topics.RAW_GROUP, topics.DEVICE_RAW.name),
        "stream_processor": (topics.PROCESSOR_GROUP, topics.READINGS.name),
        "parquet_sink": (topics.SINK_GROUP, topics.READINGS.name),
        "alarm_store": (topics.STORE_GROUP, topics.ANOMALIES.name),
    }

    scaled = {
        _lag(one["Properties"]["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"])
        for one in resources("services", "AWS::ApplicationAutoScaling::ScalingPolicy").values()
    }
    alarmed = {
        _lag(one["Properties"])
        for one in resources("observability", "AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("MetricName") == "SumOffsetLag"
    }

    assert scaled == set(groups.values())
    # One acker works however much there is.
    assert alarmed == scaled | {(topics.ACKER_GROUP, topics.READINGS.name)}


def test_every_service_is_watched_by_whether_it_runs_and_shown() -> None:
    silent = {
        dimension["Value"]
        for one in resources("observability", "AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("MetricName") == "RunningTaskCount"
        for dimension in one["Properties"]["Dimensions"]
        if dimension["Name"] == "ServiceName"
    }
    board = resources("observability")["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

    assert silent == set(SERVICES) - {"provision"}
    assert all(f'"ServiceName", "{name}"' in board for name in silent - {"parquet_compact"})


def _lag(metric: dict[str, Any]) -> tuple[str, str]:
    dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
    return dimensions["Consumer Group"], dimensions["Topic"]


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "provision"])
def test_a_service_is_checked_rolled_back_and_waits_for_images(service: str) -> None:
    declared = resources("services")[service.title().replace("_", "")]
    deployment = declared["Properties"]["DeploymentConfiguration"]

    assert declared["Condition"] == "HasImages"
    assert declared["DependsOn"] == "Provisioned"
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert "GET /live" in _containers()[service]["HealthCheck"]["Command"][-1]


def test_the_health_check_of_a_task_asks_whether_the_loop_turns() -> None:
    probe = _containers()["alarm_store"]["HealthCheck"]["Command"]
    now_s = 0.0
    told = Health(clock=lambda: now_s, stale_after_s=30)

    with served(told, "127.0.0.1", 0) as port:
        turning = _asked(probe, port)
        now_s = 31.0
        standing = _asked(probe, port)

    assert probe[:2] == ["CMD", "python"]
    assert (turning, standing) == (0, 1)


def _asked(probe: list[str], port: int) -> int:
    variables = {"HEALTH_PORT": str(port)}
    return subprocess.run([sys.executable, *probe[2:]], env=variables, check=False, timeout=60).returncode
