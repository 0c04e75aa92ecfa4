"""The command line: many devices, or with `-e` one device that shows its certificate."""

import argparse
from collections.abc import Sequence
from typing import Any

from iot_simulator.episode import KINDS
from iot_simulator.options import FleetOptions, SingleOptions, Surroundings, checked

_EPILOG = """examples:
  python -m iot_simulator --devices 100 --duration 60
  python -m iot_simulator --devices 10000 --connections 500 --duration 60
  python -m iot_simulator --replay recorded.parquet --speed 60
  python -m iot_simulator -e HOST -r root-CA.crt -c cert.pem -k private.key -id BSM_G101 -t iot/device/BSM_G101 -m publish
"""


def parser() -> argparse.ArgumentParser:
    """All options, none converted: `options` does that, and names every fault at once."""
    described = argparse.ArgumentParser(
        prog="python -m iot_simulator",
        description="Simulated and recorded devices that speak MQTT.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    _add_run(described)
    _add_devices(described.add_argument_group("many devices"))
    _add_replay(described.add_argument_group("recorded people"))
    _add_single(described.add_argument_group("one device with a certificate (-e)"))
    return described


def _add_run(group: argparse.ArgumentParser) -> None:
    group.add_argument("--duration", metavar="S", help="seconds to speak; 0: until stopped (default)")
    group.add_argument("--drain", metavar="S", help="seconds to wait for acknowledgements at the end (10)")
    group.add_argument("--seed", help="the same seed gives the same devices, phases, values and episodes (1)")
    group.add_argument("--profile", help="bedside (default), packet, native or mix")
    group.add_argument(
        "--interval", metavar="S", help="between messages of packet (5) and native (15) devices"
    )
    for vital, mean, spread in (
        ("heart-rate", "85 /min", "12"),
        ("spo2", "90 %%", "3"),
        ("temperature", "99 degrees F", "1.5"),
    ):
        group.add_argument(
            f"--{vital}-mean", metavar="X", help=f"bedside and packet, over all devices ({mean})"
        )
        group.add_argument(f"--{vital}-spread", metavar="X", help=f"standard deviation ({spread})")
    group.add_argument(
        "--outbox", metavar="N", help="messages kept while offline, all devices together (500000)"
    )
    group.add_argument(
        "--keep",
        metavar="FILE",
        help="keep numbered messages in this file until the application acknowledgement",
    )
    group.add_argument("--ledger", metavar="FILE", help="write every message and its id as JSON lines")
    group.add_argument("--truth", metavar="FILE", help="write every planted episode as JSON lines")
    group.add_argument("--summary", metavar="FILE", help="write the closing figures as JSON")
    group.add_argument(
        "--health-port", metavar="PORT", help="serve /live, /ready and /metrics (HEALTH_PORT, else off)"
    )
    group.add_argument(
        "-r", "--ca", metavar="FILE", help="certificate authority that signed the broker's certificate"
    )
    group.add_argument("-c", "--cert", metavar="FILE", help="our certificate")
    group.add_argument("-k", "--key", metavar="FILE", help="its private key")
    group.add_argument(
        "-p", "--port", help="the broker's port (MQTT_PORT, else 1883; with -e 8883, 443 or 8084)"
    )


def _add_devices(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--devices", metavar="N", help="simulated devices (1)")
    group.add_argument("--connections", metavar="N", help="MQTT connections (one a device, at most 1000)")
    group.add_argument("--host", help="the broker (MQTT_HOST, else localhost)")
    group.add_argument(
        "--certs",
        metavar="FOLDER",
        help="each connection shows FOLDER/<client id>.crt (MQTT_CERTS_FOLDER); devices that share one speak through a gateway",
    )
    group.add_argument("--device-prefix", metavar="TEXT", help="device ids are TEXT0, TEXT1, ... (device_)")
    group.add_argument("--topic-root", metavar="TOPIC", help="devices speak on TOPIC/ID (iot/device)")
    group.add_argument("--episodes", metavar="RATE", help="episodes an hour and device (0)")
    group.add_argument(
        "--episodes-kinds", metavar="KINDS", help=f"comma separated, of {','.join(KINDS)} (all)"
    )
    group.add_argument("--episode-seconds", metavar="S", help="length of every episode (each kind's own)")
    group.add_argument(
        "--clock-skew", metavar="S", help="in clock_skew, clocks are wrong by up to so much (1800)"
    )
    group.add_argument("--copies", metavar="N", help="in duplicates, each is said so often (2)")


def _add_replay(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--replay", metavar="FILE.parquet", help="user_id or device_id, measured_at and vitals"
    )
    group.add_argument("--replay-people", metavar="N", help="only the first N (all)")
    group.add_argument("--speed", metavar="N", help="N times as fast as it was recorded (1)")
    group.add_argument(
        "--replay-restamp",
        action=argparse.BooleanOptionalAction,
        help="measured_at becomes the instant of sending (default), or stays as recorded",
    )


def _add_single(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-e", "--endpoint", metavar="HOST", help="the broker")
    group.add_argument("-id", "--id", metavar="ID", help="client and device id")
    group.add_argument("-t", "--topic", help="the topic to speak on and listen to (iot/device/ID)")
    group.add_argument("-m", "--mode", help="publish, subscribe or both (default)")
    group.add_argument("-w", "--websocket", action="store_true", help="WebSocket; at AWS signed with SigV4")


def parsed(arguments: Sequence[str], around: Surroundings) -> FleetOptions | SingleOptions:
    """The options of the mode that `arguments` ask for; `WrongOptions`, or SystemExit by argparse for an unknown one."""
    given: dict[str, Any] = vars(parser().parse_args(arguments))
    if "endpoint" in given:
        if "port" in given:
            given["port_given"] = given.pop("port")
        if "id" in given:
            given.setdefault("topic", f"iot/device/{given['id']}")
        return checked(SingleOptions, given)
    if "episodes_kinds" in given:
        given["episodes_kinds"] = tuple(given["episodes_kinds"].split(","))
    surrounding: dict[str, Any] = {
        "host": around.mqtt_host,
        "port": around.mqtt_port,
        "ca": around.mqtt_ca_file,
        "cert": around.mqtt_cert_file,
        "key": around.mqtt_key_file,
    }
    if around.mqtt_certs_folder is not None and "cert" not in given:
        surrounding["certs"] = around.mqtt_certs_folder
    return checked(FleetOptions, surrounding | given)
