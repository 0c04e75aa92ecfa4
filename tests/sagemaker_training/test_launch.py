"""The requests to SageMaker, against botocore's own model of them."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from sagemaker_training.launch import Job, parsed, processing_job, training_job

_PLAIN = Job(
    name="wardstream-1",
    image="123456789012.dkr.ecr.eu-central-1.amazonaws.com/wardstream/sagemaker_training:1",
    role="arn:aws:iam::123456789012:role/training",
    bucket="wardstream-lake",
    region="eu-central-1",
)
_FULL = Job(
    name="wardstream-2",
    image=_PLAIN.image,
    role=_PLAIN.role,
    bucket="wardstream-lake",
    region="eu-central-1",
    hosts=16,
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    is_held=True,
    environment={"KAFKA_BOOTSTRAP": "broker:9098"},
)


def _shape(operation: str) -> Any:
    return (
        botocore.session.get_session().get_service_model("sagemaker").operation_model(operation).input_shape
    )


def _strange(said: Any, shape: Any, at: str = "") -> list[str]:
    """Names and values that botocore's model doesn't know: its own validator lets unknown enum values pass."""
    if shape.type_name == "structure":
        unknown = [f"{at}.{name}" for name in said if name not in shape.members]
        known = [(name, each) for name, each in said.items() if name in shape.members]
        return unknown + [
            fault for name, each in known for fault in _strange(each, shape.members[name], f"{at}.{name}")
        ]
    if shape.type_name == "list":
        return [fault for each in said for fault in _strange(each, shape.member, f"{at}[]")]
    return [f"{at}={said}"] if getattr(shape, "enum", None) and said not in shape.enum else []


@pytest.mark.parametrize("job", [_PLAIN, _FULL])
@pytest.mark.parametrize(
    ("operation", "request_of"),
    [("CreateTrainingJob", training_job), ("CreateProcessingJob", processing_job)],
)
def test_a_request_is_one_that_sagemaker_knows(operation: str, request_of: Any, job: Job) -> None:
    said, shape = request_of(job), _shape(operation)

    validate_parameters(said, shape)

    assert _strange(said, shape) == []


def test_a_wrong_request_is_noticed() -> None:
    said = training_job(_PLAIN) | {"Typo": 1}
    said["AlgorithmSpecification"] |= {"TrainingInputMode": "Slow"}

    assert _strange(said, _shape("CreateTrainingJob")) == [
        ".Typo",
        ".AlgorithmSpecification.TrainingInputMode=Slow",
    ]


def test_every_host_reads_the_same_lake_and_hyperparameters_are_text() -> None:
    said = training_job(_FULL)

    source = said["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3Uri"] == "s3://wardstream-lake/readings/"
    assert source["S3DataDistributionType"] == "FullyReplicated"
    assert said["HyperParameters"] == {"lake": "s3://wardstream-lake", "days": "28", "hold": "true"}


def test_a_command_line_names_a_job_and_no_password_is_handed_on() -> None:
    kind, job = parsed(
        [
            "training",
            "--image",
            "i",
            "--role",
            "r",
            "--bucket",
            "b",
            "--region",
            "x",
            "--hosts",
            "4",
            "--subnets",
            "s",
            "t",
        ],
        {"KAFKA_BOOTSTRAP": "k:9092", "KAFKA_PASSWORD": "secret", "HOME": "/root"},
        now_s=0,
    )

    assert (kind, job.name, job.hosts, job.subnets) == (
        "training",
        "wardstream-training-19700101-000000",
        4,
        ("s", "t"),
    )
    assert job.environment == {"KAFKA_BOOTSTRAP": "k:9092"}
