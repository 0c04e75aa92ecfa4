"""What a run is told: checked whole, so that every fault is named at once."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from iot_simulator import sigv4
from iot_simulator.device import CLOCK_SKEW_S, COPIES
from iot_simulator.episode import KINDS
from iot_simulator.profiles import ProfileChoice
from wardstream.contracts.ledger import EpisodeKind
from wardstream.runtime.settings import ServiceSettings

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9:_.\-]{1,128}$")]
_Topic = Annotated[str, Field(pattern=r"^[^+#\x00]{1,256}$")]
_Port = Annotated[int, Field(ge=1, le=65535)]
_Spread = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
_Mean = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
_AWS_WEBSOCKET_PORT = 443
_WEBSOCKET_PORT = 8084
_TLS_PORT = 8883


class Surroundings(ServiceSettings):
    """What the environment says when the command line doesn't: MQTT_HOST, MQTT_PORT, MQTT_CA_FILE and so on."""

    mqtt_host: str = "localhost"
    mqtt_port: int = Field(1883, ge=1, le=65535)
    mqtt_ca_file: Path | None = None
    mqtt_cert_file: Path | None = None
    mqtt_key_file: Path | None = None
    mqtt_certs_folder: Path | None = None


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    duration: float = Field(0.0, ge=0, allow_inf_nan=False)
    drain: float = Field(10.0, ge=0, le=600)
    seed: int = 1
    profile: ProfileChoice = "bedside"
    interval: float | None = Field(None, ge=0.001, le=86400)
    outbox: int = Field(500_000, ge=1, le=5_000_000)
    keep: Path | None = None
    ledger: Path | None = None
    truth: Path | None = None
    summary: Path | None = None
    health_port: int | None = Field(None, ge=0, le=65535)
    heart_rate_mean: _Mean = 85.0
    heart_rate_spread: _Spread = 12.0
    spo2_mean: _Mean = 90.0
    spo2_spread: _Spread = 3.0
    temperature_mean: _Mean = 99.0
    temperature_spread: _Spread = 1.5

    @model_validator(mode="after")
    def _certificate_and_key_go_together(self) -> "_Options":
        _require(
            (self.cert is None) == (self.key is None), "--cert and --key go together: give both or neither"
        )
        for file in (self.ca, self.cert, self.key):
            _require(file is None or file.is_file(), f"there is no file {file}")
        return self


class FleetOptions(_Options):
    """Many devices. `connections` None: one each, up to 1,000. `certs`: a folder with a certificate for each client id."""

    host: str = Field("localhost", min_length=1)
    port: _Port = 1883
    devices: int | None = Field(None, ge=0, le=1_000_000)
    connections: int | None = Field(None, ge=1, le=20_000)
    device_prefix: _Name = "device_"
    topic_root: _Topic = "iot/device"
    episodes: float = Field(0.0, ge=0, le=3600, allow_inf_nan=False)
    episodes_kinds: tuple[EpisodeKind, ...] = KINDS
    episode_seconds: float | None = Field(None, gt=0, le=86400 * 7)
    clock_skew: float = Field(CLOCK_SKEW_S, gt=1, le=86400 * 7, allow_inf_nan=False)
    copies: int = Field(COPIES, ge=2, le=100)
    replay: Path | None = None
    replay_people: int | None = Field(None, ge=1)
    speed: float = Field(1.0, gt=0, le=1_000_000, allow_inf_nan=False)
    replay_restamp: bool = True
    certs: Path | None = None

    @property
    def simulated(self) -> int:
        """Simulated devices; beside a recording none, unless asked for."""
        if self.devices is None:
            return 0 if self.replay else 1
        return self.devices

    @model_validator(mode="after")
    def _somebody_speaks(self) -> "FleetOptions":
        _require(
            self.simulated > 0 or self.replay is not None, "nobody to speak: give --devices or --replay FILE"
        )
        _require(self.replay is None or self.replay.is_file(), f"there is no file {self.replay}")
        _require(self.certs is None or self.certs.is_dir(), f"there is no folder {self.certs}")
        _require(self.certs is None or self.cert is None, "--certs FOLDER or one --cert: not both")
        return self


class SingleOptions(_Options):
    """One device with its own certificate, against AWS IoT Core or another broker with TLS."""

    endpoint: str = Field(min_length=1)
    id: _Name
    topic: _Topic
    mode: Literal["publish", "subscribe", "both"] = "both"
    websocket: bool = False
    port_given: _Port | None = None

    @property
    def port(self) -> int:
        """The port given, else what the protocol uses: 8883; over WebSocket 443 at AWS and 8084 elsewhere."""
        if self.port_given is not None:
            return self.port_given
        if not self.websocket:
            return _TLS_PORT
        return _AWS_WEBSOCKET_PORT if self.is_signed else _WEBSOCKET_PORT

    @property
    def is_signed(self) -> bool:
        """Whether the WebSocket must carry AWS' signature."""
        return self.websocket and sigv4.is_aws(self.endpoint)

    @model_validator(mode="after")
    def _shows_who_it_is(self) -> "SingleOptions":
        if not self.websocket:
            _require(
                None not in (self.ca, self.cert, self.key),
                "TLS with X.509 needs -r root-CA.crt, -c cert.pem and -k private.key (or -w for a WebSocket)",
            )
        return self


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


O = TypeVar("O", FleetOptions, SingleOptions)  # noqa: E741 -- a type variable


class WrongOptions(ValueError):  # noqa: N818 -- a sentence: "raise WrongOptions"
    """The command line can't be run; the message names every fault."""


def checked(options: type[O], given: dict[str, Any]) -> O:
    """The options, or `WrongOptions` with every fault."""
    try:
        return options(**given)
    except ValidationError as error:
        lines = [f"{error.error_count()} option(s) to mend"]
        lines += [f"  {_place(fault['loc'])}{fault['msg']}" for fault in error.errors()]
        raise WrongOptions("\n".join(lines)) from None


def _place(loc: tuple[int | str, ...]) -> str:
    return f"--{str(loc[0]).removesuffix('_given').replace('_', '-')}: " if loc else ""
