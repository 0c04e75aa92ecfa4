"""Who can reach whom: the pairs that talk, and nobody else."""

from typing import Any

from tests.cloudformation.templates import everywhere, resources, template

# (who speaks, to whom, port). S3 and DynamoDB are behind gateway endpoints, whose addresses change.
_ANYWHERE = "0.0.0.0/0"
_TALK = {
    ("Tasks", "Brokers", 9098),
    ("Training", "Brokers", 9098),
    ("IotRule", "Brokers", 9096),
    ("Tasks", _ANYWHERE, 443),
    ("Training", _ANYWHERE, 443),
}
_LISTEN = {
    ("Tasks", "Brokers", 9098),
    ("Training", "Brokers", 9098),
    ("IotRule", "Brokers", 9096),
    ("Tasks", "Endpoints", 443),
}
_NOWHERE = "127.0.0.1/32"


def _group(value: dict[str, list[str]]) -> str:
    return value["Fn::GetAtt"][0]


def _port(rule: dict[str, Any]) -> int:
    assert rule["IpProtocol"] == "tcp"
    assert rule["FromPort"] == rule["ToPort"]
    port: int = rule["FromPort"]
    return port


def test_exactly_the_pairs_that_talk_may_speak() -> None:
    apart = [one["Properties"] for one in resources("network", "AWS::EC2::SecurityGroupEgress").values()]
    within = [
        (key, rule)
        for key, group in resources("network", "AWS::EC2::SecurityGroup").items()
        for rule in group["Properties"]["SecurityGroupEgress"]
        if rule["CidrIp"] != _NOWHERE
    ]

    speak = {(_group(one["GroupId"]), _group(one["DestinationSecurityGroupId"]), _port(one)) for one in apart}
    speak |= {(key, rule["CidrIp"], _port(rule)) for key, rule in within}

    assert speak == _TALK


def test_exactly_the_pairs_that_talk_are_heard() -> None:
    apart = [one["Properties"] for one in resources("network", "AWS::EC2::SecurityGroupIngress").values()]
    within = [
        group
        for group in resources("network", "AWS::EC2::SecurityGroup").values()
        if "SecurityGroupIngress" in group["Properties"]
    ]

    heard = {(_group(one["SourceSecurityGroupId"]), _group(one["GroupId"]), _port(one)) for one in apart}

    assert heard == _LISTEN
    assert not within


def test_no_route_leads_out_of_the_network() -> None:
    ways_out = (
        "InternetGateway",
        "NatGateway",
        "Route",
        "EgressOnlyInternetGateway",
        "TransitGatewayAttachment",
    )

    found = [kind for kind in ways_out if everywhere(f"AWS::EC2::{kind}")]

    assert not found


def test_the_ports_are_those_the_stream_is_spoken_on() -> None:
    said = resources("streaming", "Custom::BootstrapBrokers")
    client = resources("streaming")["Rule"]["Properties"]["TopicRulePayload"]["Actions"][0]["Kafka"][
        "ClientProperties"
    ]

    # MSK: 9098 for IAM, 9096 for SCRAM.
    assert said
    assert client["bootstrap.servers"] == {"Fn::GetAtt": ["Brokers", "Scram"]}
    assert template("streaming")["Outputs"]["Bootstrap"]["Value"] == {"Fn::GetAtt": ["Brokers", "Iam"]}


def test_services_live_in_private_subnets_with_the_group_of_tasks() -> None:
    for service in resources("services", "AWS::ECS::Service").values():
        where = service["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]

        assert where["AssignPublicIp"] == "DISABLED"
        assert where["SecurityGroups"] == [{"Ref": "TasksGroup"}]


def test_each_group_goes_where_it_is_meant_to() -> None:
    given = {
        (stack, name): value
        for stack, one in resources("root", "AWS::CloudFormation::Stack").items()
        for name, value in one["Properties"]["Parameters"].items()
        if name.endswith("Group")
    }

    assert given == {
        ("Streaming", "BrokersGroup"): {"Fn::GetAtt": ["Network", "Outputs.Brokers"]},
        ("Streaming", "IotRuleGroup"): {"Fn::GetAtt": ["Network", "Outputs.IotRule"]},
        ("Services", "TasksGroup"): {"Fn::GetAtt": ["Network", "Outputs.Tasks"]},
        ("Training", "TrainingGroup"): {"Fn::GetAtt": ["Network", "Outputs.Training"]},
    }


def test_every_service_of_aws_that_a_task_calls_has_a_way_there() -> None:
    reached = {
        one["Properties"]["ServiceName"]["Fn::Sub"].removeprefix("com.amazonaws.${AWS::Region}.")
        for one in resources("network", "AWS::EC2::VPCEndpoint").values()
    }

    assert reached == {"s3", "dynamodb", "ecr.api", "ecr.dkr", "logs", "iot.data"}


def test_the_iot_endpoint_is_found_by_the_name_that_the_acker_is_given() -> None:
    zone, name = (resources("network")[key]["Properties"] for key in ("IotDataZone", "IotDataName"))
    host = {"Fn::GetAtt": ["IotDataPlace", "Host"]}

    assert zone["Name"] == name["Name"] == template("network")["Outputs"]["IotDataHost"]["Value"] == host
    assert zone["VPCs"] == [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": {"Ref": "AWS::Region"}}]
    assert name["HostedZoneId"] == {"Ref": "IotDataZone"}
    given = resources("root")["Services"]["Properties"]["Parameters"]["IotDataHost"]
    assert given == {"Fn::GetAtt": ["Network", "Outputs.IotDataHost"]}
