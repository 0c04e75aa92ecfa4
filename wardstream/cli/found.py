"""Finding the servers: as the environment says, else those that `wardstream up` runs here."""

import os

from wardstream.local import folders, instance


def use_local_servers() -> None:
    """Points this process at the servers of `wardstream up`, unless the environment already points it somewhere.

    A variable that is set wins alone over all of them: half here and half there would be neither.
    """
    running = instance.status(folders.instance())
    if running is None or running.addresses is None:
        return
    addresses = running.addresses.environment()
    if not addresses.keys() & os.environ.keys():
        os.environ.update(addresses)
