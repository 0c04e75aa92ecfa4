"""Who may publish and hear what at the MQTT broker: Mosquitto's ACL files, from what was issued and revoked.

A denied publish gets its PUBACK all the same on MQTT 3.1.1, and a denied subscription is granted and delivers nothing: the
protocol has no words for "no".
"""

from collections.abc import Iterable

from wardstream.contracts.topics import (
    MQTT_COMMANDS,
    MQTT_GATEWAY,
    MQTT_GATEWAY_COMMANDS,
    MQTT_READINGS,
    MQTT_STATUS,
)

# %u is the certificate's name. A gateway speaks for devices of the form `<gateway>:<device>`, which mqtt_bridge checks; a
# certificate's name has no colon. The status is the gateway's, as the connection is.
_DEVICES = f"""\
pattern write {MQTT_READINGS}/%u
pattern write {MQTT_GATEWAY}/%u/+
pattern write {MQTT_STATUS}/%u
pattern read {MQTT_COMMANDS}/%u/ack
pattern read {MQTT_GATEWAY_COMMANDS}/%u/+/ack
"""
# The user is the certificate's common name; the replica is its organizational unit, which no rule looks at.
SERVICES = f"""\
user mqtt_bridge
topic read {MQTT_READINGS}/+
topic read {MQTT_GATEWAY}/+/+

user acker
topic write {MQTT_COMMANDS}/+/ack
topic write {MQTT_GATEWAY_COMMANDS}/+/+/ack

user monitor
topic read {MQTT_STATUS}/+
topic read $SYS/#
"""


def of_devices(denied: Iterable[str] = ()) -> str:
    """The rules of the devices' listeners, with `denied` names shut out; a denial wins over every pattern."""
    return "".join(f"user {name}\ntopic deny #\n" for name in sorted(denied)) + _DEVICES
