"""What is promised of what is kept: how long, how encrypted, and what goes when the stack goes."""

from typing import Any

import pytest

from tests.cloudformation.templates import everywhere, resources, statements, template
from wardstream.provision.tables import KEYS, TTL_ATTRIBUTE

BUCKETS = everywhere("AWS::S3::Bucket")
_STATEFUL = (
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::MSK::Cluster",
    "AWS::KMS::Key",
    "AWS::ECR::Repository",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
)


def _lifecycle(name: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = BUCKETS[f"storage.{name}"]["Properties"]["LifecycleConfiguration"]["Rules"]
    return rules


def test_readings_go_to_cold_storage_after_180_days_however_small_they_are() -> None:
    (rule,) = (one for one in _lifecycle("Lake") if "Transitions" in one)

    assert rule["Status"] == "Enabled"
    assert rule["Prefix"] == "readings/"
    # Without it S3 leaves objects below 128 KiB where they are.
    assert rule["ObjectSizeGreaterThan"] == 0
    assert rule["Transitions"] == [{"StorageClass": {"Ref": "ColdStorage"}, "TransitionInDays": 180}]
    assert template("root")["Parameters"]["ColdStorage"]["AllowedValues"] == ["GLACIER", "DEEP_ARCHIVE"]
    assert not any("ExpirationInDays" in one for one in _lifecycle("Lake"))


def test_the_lake_is_not_versioned_so_that_erased_is_erased() -> None:
    assert "VersioningConfiguration" not in BUCKETS["storage.Lake"]["Properties"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_encrypted_and_reached_by_tls_only(name: str) -> None:
    key = name.partition(".")[2]
    declared = BUCKETS[name]["Properties"]
    (rule,) = declared["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    kept = "AES256" if key == "AccessLogs" else "aws:kms"

    (policy,) = (
        one["Properties"]
        for one in resources("storage", "AWS::S3::BucketPolicy").values()
        if one["Properties"]["Bucket"] == {"Ref": key}
    )
    (only_tls,) = (one for one in statements(policy["PolicyDocument"]) if one.get("Sid") == "OnlyByTls")

    assert set(declared["PublicAccessBlockConfiguration"].values()) == {True}
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == kept
    assert only_tls["Effect"] == "Deny"
    assert only_tls["Principal"] == "*"
    assert only_tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert only_tls["Resource"] == [{"Fn::GetAtt": [key, "Arn"]}, {"Fn::Sub": f"${{{key}.Arn}}/*"}]


def test_tables_are_as_provision_would_make_them_and_come_back_to_any_second() -> None:
    declared = [one["Properties"] for one in resources("storage", "AWS::DynamoDB::Table").values()]

    keys = {(one["TableName"], *(part["AttributeName"] for part in one["KeySchema"])) for one in declared}

    assert keys == set(KEYS)
    for one in declared:
        assert one["BillingMode"] == "PAY_PER_REQUEST"
        assert {part["AttributeType"] for part in one["AttributeDefinitions"]} == {"S"}
        assert one["TimeToLiveSpecification"] == {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}
        assert one["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert one["SSESpecification"]["SSEType"] == "KMS"


def test_kafka_keeps_three_copies_speaks_tls_and_makes_no_topic_by_itself() -> None:
    cluster = resources("streaming")["Cluster"]["Properties"]
    given = dict(
        line.split("=")
        for line in resources("streaming")["Configuration"]["Properties"]["ServerProperties"].split()
    )

    assert cluster["EncryptionInfo"]["EncryptionInTransit"] == {"ClientBroker": "TLS", "InCluster": True}
    assert cluster["ClientAuthentication"]["Sasl"] == {"Iam": {"Enabled": True}, "Scram": {"Enabled": True}}
    assert cluster["ClientAuthentication"]["Unauthenticated"] == {"Enabled": False}
    assert (given["default.replication.factor"], given["min.insync.replicas"]) == ("3", "2")
    assert given["auto.create.topics.enable"] == "false"
    assert given["unclean.leader.election.enable"] == "false"


def test_every_size_has_brokers_in_all_three_zones() -> None:
    counts = [size["BrokerCount"] for size in template("root")["Mappings"]["Sizes"].values()]

    assert all(count % 3 == 0 for count in counts)


def test_the_rule_is_the_promised_one_and_keeps_what_fails() -> None:
    payload = resources("streaming")["Rule"]["Properties"]["TopicRulePayload"]
    kafka = payload["Actions"][0]["Kafka"]

    assert payload["Sql"] == "SELECT *, topic() AS mqtt_topic, timestamp() AS received_at FROM 'iot/device/+'"
    assert kafka["Key"] == "${topic(3)}"
    assert kafka["ClientProperties"]["acks"] == "all"
    assert payload["ErrorAction"]["S3"]["BucketName"] == {"Ref": "RefusedBucket"}


def test_the_scram_secret_is_one_that_msk_takes() -> None:
    secret = resources("streaming")["Scram"]["Properties"]
    named = secret["Name"]["Fn::Sub"]
    asked = resources("streaming")["Rule"]["Properties"]["TopicRulePayload"]["Actions"][0]["Kafka"][
        "ClientProperties"
    ]

    assert named.startswith("AmazonMSK_")
    assert secret["KmsKeyId"] == {"Fn::GetAtt": ["ScramKey", "Arn"]}
    for part in ("username", "password"):
        written = "".join(
            {"Name": "${Name}"}[one["Ref"]] if isinstance(one, dict) and "Ref" in one else str(one)
            for one in asked[f"sasl.scram.{part}"]["Fn::Join"][1]
        )
        assert written.startswith(f"${{get_secret('{named}', 'SecretString', '{part}', '")


def test_a_device_speaks_only_for_itself() -> None:
    policy = resources("identity")["DevicePolicy"]["Properties"]["PolicyDocument"]

    places = [resource["Fn::Sub"] for one in statements(policy) for resource in one["Resource"]]

    assert len(places) == 5
    assert all("${!iot:Connection.Thing.ThingName}" in place and "*" not in place for place in places)


def test_only_the_lake_and_its_key_may_outlive_the_stack() -> None:
    policies = {
        name: one.get("DeletionPolicy") for kind in _STATEFUL for name, one in everywhere(kind).items()
    }

    by_choice = {name for name, policy in policies.items() if policy == {"Ref": "LakePolicy"}}

    assert by_choice == {"storage.Lake", "storage.DataKey"}
    assert {policy for name, policy in policies.items() if name not in by_choice} == {"Delete"}
    given = resources("root")["Storage"]["Properties"]["Parameters"]["LakePolicy"]
    assert given == {"Fn::If": ["Keeps", "Retain", "Delete"]}
    assert template("root")["Parameters"]["KeepData"]["Default"] == "true"


def test_whatever_has_to_be_empty_before_it_goes_is_emptied() -> None:
    emptied = resources("storage")["EmptyBuckets"]["Properties"]["Buckets"]
    names = {one["Ref"] for one in emptied if "Ref" in one}

    assert {f"storage.{name}" for name in names} == set(BUCKETS) - {"storage.Lake"}
    assert {"Fn::If": ["LakeGoes", {"Ref": "Lake"}, {"Ref": "AWS::NoValue"}]} in emptied
    for repository in everywhere("AWS::ECR::Repository").values():
        assert repository["Properties"]["EmptyOnDelete"] is True
    assert resources("analytics")["Workgroup"]["Properties"]["RecursiveDeleteOption"] is True


def test_a_first_deployment_runs_nothing_since_there_are_no_images() -> None:
    waiting = ("AWS::ECS::Service", "Custom::Provisioned", "AWS::SageMaker::Pipeline")

    declared = [one for kind in waiting for one in everywhere(kind).values()]

    assert len(declared) == 8
    assert {one["Condition"] for one in declared} == {"HasImages"}
    assert template("root")["Parameters"]["ImageTag"]["Default"] == ""


def test_quicksight_is_off_unless_somebody_is_named() -> None:
    declared = [
        *everywhere("AWS::QuickSight::DataSource").values(),
        *everywhere("AWS::QuickSight::DataSet").values(),
    ]

    assert {one["Condition"] for one in declared} == {"HasQuickSight"}
    assert template("root")["Parameters"]["QuickSightPrincipalArn"]["Default"] == ""
