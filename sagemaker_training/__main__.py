"""`python -m sagemaker_training`: trains once or on a schedule; `… train` as SageMaker starts a container."""

import sys

from sagemaker_training import container
from sagemaker_training.arguments import parsed
from sagemaker_training.loop import keep_training
from sagemaker_training.settings import TrainingSettings
from wardstream.runtime import service

NAME = "sagemaker_training"


def main(arguments: list[str]) -> int:
    """The exit code."""
    if arguments[:1] == [container.COMMAND]:
        return container.run()
    return service.serve(NAME, TrainingSettings, keep_training, **parsed(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
