"""`python -m sagemaker_training.launch`: the same training as a SageMaker job, on as many hosts as there are shards.

A training job reads the lake through its channel `readings` (FastFile: streamed, not copied) and every host trains its shard. A
processing job is the same program with a command line and a report; it reads the lake by itself. Both write books and manifests to the
lake's bucket; with KAFKA_BOOTSTRAP and a VPC in which Kafka is reached they publish, too.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import msgspec

from sagemaker_training.container import CHANNEL, COMMAND
from wardstream.contracts.tables import LAKE_READINGS

_ENTRYPOINT = ["python", "-m", "sagemaker_training"]
_REPORTS = "/opt/ml/processing/output"
# What of this process' environment a job is given: where Kafka is and how to speak to it. A password belongs in a secret.
_HANDED_ON = (
    "KAFKA_BOOTSTRAP",
    "KAFKA_SECURITY_PROTOCOL",
    "KAFKA_SASL_MECHANISM",
    "KAFKA_AWS_REGION",
    "KAFKA_CA_FILE",
    "LOG_LEVEL",
)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is to run, and where. `hosts` is also the number of shards."""

    name: str
    image: str
    role: str
    bucket: str
    region: str
    days: int = 28
    hosts: int = 1
    instance: str = "ml.m5.xlarge"
    volume_gb: int = 50
    longest_s: int = 6 * 3600
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    is_held: bool = False
    environment: dict[str, str] = {}


def training_job(job: Job) -> dict[str, Any]:
    """The request `CreateTrainingJob`."""
    return {
        "TrainingJobName": job.name,
        "RoleArn": job.role,
        "AlgorithmSpecification": {
            "TrainingImage": job.image,
            "TrainingInputMode": "FastFile",
            # The image's own entry point is a shell's; this one gets SIGTERM itself.
            "ContainerEntrypoint": _ENTRYPOINT,
            "ContainerArguments": [COMMAND],
        },
        "HyperParameters": {
            "lake": f"s3://{job.bucket}",
            "days": str(job.days),
            "hold": str(job.is_held).lower(),
        },
        "InputDataConfig": [
            {
                "ChannelName": CHANNEL,
                "InputMode": "FastFile",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{job.bucket}/{LAKE_READINGS}/",
                        # Every host sees everything and reads its people.
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{job.bucket}/models/jobs/"},
        "ResourceConfig": {
            "InstanceType": job.instance,
            "InstanceCount": job.hosts,
            "VolumeSizeInGB": job.volume_gb,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": job.longest_s},
        "Environment": _environment(job),
        **({"VpcConfig": _vpc(job)} if job.subnets else {}),
    }


def processing_job(job: Job) -> dict[str, Any]:
    """The request `CreateProcessingJob`: one host, all people; the report is uploaded when it ends."""
    arguments = [
        "--lake",
        f"s3://{job.bucket}",
        "--days",
        str(job.days),
        "--report",
        f"{_REPORTS}/report.json",
    ]
    return {
        "ProcessingJobName": job.name,
        "RoleArn": job.role,
        "AppSpecification": {
            "ImageUri": job.image,
            "ContainerEntrypoint": _ENTRYPOINT,
            "ContainerArguments": [*arguments, *(["--hold"] if job.is_held else [])],
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": job.instance,
                "InstanceCount": 1,
                "VolumeSizeInGB": job.volume_gb,
            }
        },
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "report",
                    "S3Output": {
                        "S3Uri": f"s3://{job.bucket}/models/jobs/{job.name}/",
                        "LocalPath": _REPORTS,
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": job.longest_s},
        "Environment": _environment(job),
        **({"NetworkConfig": {"VpcConfig": _vpc(job)}} if job.subnets else {}),
    }


def _environment(job: Job) -> dict[str, str]:
    return {"AWS_REGION": job.region, "LAKE_BUCKET": job.bucket} | job.environment


def _vpc(job: Job) -> dict[str, list[str]]:
    return {"Subnets": list(job.subnets), "SecurityGroupIds": list(job.security_groups)}


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What a job is told of Kafka."""
    return {name: environment[name] for name in _HANDED_ON if environment.get(name)}


def parsed(arguments: Sequence[str], environment: Mapping[str, str], now_s: float) -> tuple[str, Job]:
    """(training or processing, the job) from a command line."""
    given = vars(_parser().parse_args(arguments))
    kind = given.pop("kind")
    name = (
        given.pop("name", None) or f"wardstream-{kind}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now_s))}"
    )
    many: dict[str, Any] = {
        field: tuple(given.pop(field)) for field in ("subnets", "security_groups") if field in given
    }
    return kind, Job(name=name, environment=handed_on(environment), **given, **many)


def _parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m sagemaker_training.launch",
        description="Starts a training as a SageMaker job and prints its ARN.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    described.add_argument("kind", choices=["training", "processing"])
    described.add_argument("--image", required=True, help="the image in ECR")
    described.add_argument("--role", required=True, help="ARN of the job's role")
    described.add_argument("--bucket", required=True, help="the lake's bucket")
    described.add_argument("--region", required=True)
    described.add_argument("--name", help="default: wardstream-KIND-<now>")
    described.add_argument("--days", type=int, metavar="N")
    described.add_argument("--hosts", type=int, metavar="N", help="also the number of shards")
    described.add_argument("--instance", metavar="TYPE")
    described.add_argument("--volume-gb", type=int, metavar="N")
    described.add_argument("--subnets", nargs="+", metavar="ID")
    described.add_argument("--security-groups", nargs="+", metavar="ID")
    described.add_argument(
        "--hold", dest="is_held", action="store_true", help="leave what is better a shadow"
    )
    return described


def main(arguments: Sequence[str]) -> int:
    """Starts the job."""
    kind, job = parsed(arguments, os.environ, time.time())
    client: Any = boto3.client("sagemaker", region_name=job.region)
    if kind == "training":
        answer = client.create_training_job(**training_job(job))["TrainingJobArn"]
    else:
        answer = client.create_processing_job(**processing_job(job))["ProcessingJobArn"]
    sys.stdout.write(f"{answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
