"""`python -m wardstream.provision`: makes what is missing, says what it made, exits."""

import sys

from wardstream.provision import everything
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime import health, service, shutdown
from wardstream.runtime.logs import logger


def provision(settings: ProvisionSettings, _asked: shutdown.Shutdown, _health: health.Health) -> None:
    """One round, and done."""
    logger().info("provisioned", made=everything.make(settings))


if __name__ == "__main__":
    sys.exit(service.serve("provision", ProvisionSettings, provision))
