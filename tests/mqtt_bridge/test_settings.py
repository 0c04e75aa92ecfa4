"""Wrong settings are told all at once, before anything connects."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from mqtt_bridge.settings import BridgeSettings
from wardstream.runtime.settings import explain


def given_settings(**more: object) -> BridgeSettings:
    return BridgeSettings.model_validate(
        {"kafka_bootstrap": "localhost:9092", "mqtt_host": "localhost"} | more
    )


def faults(**more: object) -> str:
    with pytest.raises(ValidationError) as refused:
        given_settings(**more)
    return explain(BridgeSettings, refused.value)


def test_several_filters_are_separated_by_commas() -> None:
    settings = given_settings(mqtt_topic_filters="iot/device/+, healthcare/monitors/+")

    assert settings.filters == ("iot/device/+", "healthcare/monitors/+")


@pytest.mark.parametrize(
    "filters", ["", "iot/device/#", "iot/device", "iot/device/+,", "iot/dev+/+", "$share/x/iot/device/+"]
)
def test_a_filter_whose_last_level_is_not_the_device_is_refused(filters: str) -> None:
    assert "MQTT_TOPIC_FILTERS" in faults(mqtt_topic_filters=filters)


@pytest.mark.parametrize(("port", "tls"), [(1883, False), (8883, True), (443, True)])
def test_the_usual_tls_ports_speak_tls(port: int, tls: bool) -> None:
    assert given_settings(mqtt_port=port).speaks_tls is tls


def test_a_certificate_file_means_tls_on_any_port(tmp_path: Path) -> None:
    certificate = tmp_path / "ca.pem"
    certificate.write_text("not read here")

    assert given_settings(mqtt_port=21883, mqtt_ca_file=certificate).speaks_tls


def test_every_fault_is_told_at_once() -> None:
    told = faults(mqtt_port=0, mqtt_ca_file="/nowhere/ca.pem", mqtt_client_prefix="a/b", kafka_bootstrap="")

    assert {"MQTT_PORT", "MQTT_CA_FILE", "MQTT_CLIENT_PREFIX", "KAFKA_BOOTSTRAP"} <= {
        word.strip(":") for word in told.split()
    }


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    certificate.write_text("not read here")

    assert "MQTT_KEY_FILE" in faults(mqtt_cert_file=certificate)


def test_mqtt_needs_a_host_and_kafka_none() -> None:
    assert "MQTT_HOST" in faults(mqtt_host="")
    assert given_settings(mqtt_host="", source="kafka").source == "kafka"
    assert "SOURCE" in faults(source="carrier-pigeon")
