"""The authorities' folder: who was issued what, who is revoked, and the files that brokers and clients read.

    devices/ca.crt ca.key crl.pem    signs devices and gateways
    services/ca.crt ca.key crl.pem   signs services' replicas, and the broker
    device/NAME.crt NAME.key         and so `service/` and `broker/`; a replica is NAME-REPLICA
    rules/*.acl                      who may do what at the broker; who is revoked may nothing
    register.json                    serials, ends, revocations

Two authorities, so that no device's certificate opens the services' listener whatever its name. A client trusts
`services/ca.crt`, which is the broker's authority. Keys have mode 0600, folders 0700. One writer at a time (a file lock);
every file is replaced whole.
"""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from wardstream.certs import authority, rules
from wardstream.certs.authority import Pair, Role, Signer
from wardstream.certs.files import put
from wardstream.runtime.failure import CannotRun

AUTHORITY_DAYS = 3650
LEAF_DAYS = 397
# A broker that checks a list refuses everybody when the list is over: long, and made anew at every issuing and revoking.
_LIST_DAYS = 3650
_AUTHORITIES = ("devices", "services")


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate. `serial` is hexadecimal; `revoked_at` None: it holds until `ends_at`."""

    name: str
    role: Role
    serial: str
    ends_at: datetime
    replica: str = ""
    revoked_at: datetime | None = None

    @property
    def file_name(self) -> str:
        """What its files are called, without suffix."""
        return f"{self.name}-{self.replica}" if self.replica else self.name


class _Register(msgspec.Struct, frozen=True, kw_only=True):
    lists_made: int = 0
    issued: tuple[Issued, ...] = ()


class Files(NamedTuple):
    """Where a certificate and its key are."""

    certificate: Path
    key: Path


class Certificates:
    """The folder at `path`. Every method may raise `CannotRun` with how to mend it; none prints or returns a key."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def trusted(self) -> Path:
        """What clients trust: the broker's authority."""
        return self.path / "services" / "ca.crt"

    def exists(self) -> bool:
        """Whether `init` was here."""
        return (self.path / "register.json").is_file()

    def init(self, now: datetime) -> None:
        """Makes both authorities; `CannotRun` when there are some already: theirs would be everybody's end."""
        with self._mine():
            if self.exists():
                raise CannotRun(f"{self.path} holds authorities already; remove it to begin anew")
            for name in _AUTHORITIES:
                made = authority.new_authority(f"Wardstream {name}", now, AUTHORITY_DAYS)
                self._put(self.path / name / "ca.key", made.key, secret=True)
                self._put(self.path / name / "ca.crt", made.certificate)
            self._save(_Register(), now)

    def issue(
        self,
        names: Iterable[str],
        role: Role,
        now: datetime,
        *,
        days: int = LEAF_DAYS,
        replica: str = "",
        hosts: Iterable[str] = (),
    ) -> list[Issued]:
        """A certificate for each name. One who has a certificate that holds gets another; the first holds on too."""
        if replica and (role != "service" or authority.NAME.fullmatch(replica) is None):
            raise CannotRun("only services have replicas, told apart by letters, digits and _ . -")
        where = tuple(hosts)
        with self._mine():
            register, by = self._register(), self._signer(role)
            made = [
                self._issued(by, name, role, now, days=days, replica=replica, hosts=where) for name in names
            ]
            self._save(_Register(lists_made=register.lists_made, issued=(*register.issued, *made)), now)
        return made

    def revoke(self, name: str, role: Role, now: datetime, replica: str = "") -> list[Issued]:
        """Revokes every certificate that this name (this replica, if one is named) still holds; at least one, or `CannotRun`."""
        with self._mine():
            register = self._register()
            meant = [
                each
                for each in register.issued
                if (each.name, each.role) == (name, role)
                and each.revoked_at is None
                and replica in ("", each.replica)
            ]
            if not meant:
                raise CannotRun(f"{role} {name} has no certificate that could be revoked")
            gone = {each.serial: msgspec.structs.replace(each, revoked_at=now) for each in meant}
            kept = tuple(gone.get(each.serial, each) for each in register.issued)
            self._save(_Register(lists_made=register.lists_made, issued=kept), now)
        return list(gone.values())

    def listed(self) -> tuple[Issued, ...]:
        """All that was issued, in that order."""
        return self._register().issued

    def files(self, name: str, role: Role, replica: str = "") -> Files:
        """Where this one's files are, or would be."""
        stem = f"{name}-{replica}" if replica else name
        return Files(self.path / role / f"{stem}.crt", self.path / role / f"{stem}.key")

    def _issued(
        self,
        by: Signer,
        name: str,
        role: Role,
        now: datetime,
        *,
        days: int,
        replica: str,
        hosts: tuple[str, ...],
    ) -> Issued:
        try:
            pair = authority.issued(by, name, role, now, days, unit=replica, hosts=hosts)
        except ValueError as error:
            raise CannotRun(f"{name[:80]!r}: {error}") from error
        files = self.files(name, role, replica)
        self._put(files.key, pair.key, secret=True)
        self._put(files.certificate, pair.certificate)
        return Issued(
            name=name,
            role=role,
            replica=replica,
            serial=f"{authority.serial_of(pair.certificate):x}",
            ends_at=authority.ends_at(pair.certificate),
        )

    def _signer(self, role: Role) -> Signer:
        folder = self.path / _authority_of(role)
        try:
            return authority.signer(Pair((folder / "ca.crt").read_bytes(), (folder / "ca.key").read_bytes()))
        except (OSError, ValueError) as error:
            # Not what it says: a message about a key file might repeat part of it.
            raise CannotRun(f"the authority in {folder} can't be used ({type(error).__name__})") from None

    def _register(self) -> _Register:
        try:
            return msgspec.json.decode((self.path / "register.json").read_bytes(), type=_Register)
        except FileNotFoundError:
            raise CannotRun(f"{self.path} holds no authorities: run `wardstream certs init`") from None
        except (OSError, msgspec.MsgspecError) as error:
            raise CannotRun(f"{self.path / 'register.json'} can't be read: {error}") from error

    def _save(self, register: _Register, now: datetime) -> None:
        """The lists first: a crash between leaves someone revoked who isn't registered so, not the other way round."""
        number = register.lists_made + 1
        for name in _AUTHORITIES:
            role: Role = "device" if name == "devices" else "service"
            revoked = {
                int(each.serial, 16): each.revoked_at
                for each in register.issued
                if each.revoked_at is not None and _authority_of(each.role) == name
            }
            made = authority.revocation_list(self._signer(role), revoked, number, now, _LIST_DAYS)
            self._put(self.path / name / "crl.pem", made)
        self._put_rules(register.issued, now)
        now_known = msgspec.structs.replace(register, lists_made=number)
        self._put(self.path / "register.json", msgspec.json.format(msgspec.json.encode(now_known)))

    def _put_rules(self, issued: tuple[Issued, ...], now: datetime) -> None:
        devices = [each for each in issued if each.role == "device" and each.ends_at > now]
        revoked = {each.name for each in devices if each.revoked_at is not None}
        holding = {each.name for each in devices if each.revoked_at is None}
        # Mosquitto checks no revocation list on WebSockets: there a name is shut out as long as a revoked certificate of
        # it would still be accepted.
        for name, text in (
            ("devices", rules.of_devices(revoked - holding)),
            ("websocket", rules.of_devices(revoked)),
            ("services", rules.SERVICES),
        ):
            self._put(self.path / "rules" / f"{name}.acl", text.encode(), secret=True)

    def _put(self, file: Path, content: bytes, *, secret: bool = False) -> None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(file, content, 0o600 if secret else 0o644)

    @contextmanager
    def _mine(self) -> Iterator[None]:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _authority_of(role: Role) -> str:
    return "devices" if role == "device" else "services"


def ensured(path: Path, now: datetime | None = None) -> Certificates:
    """The authorities at `path`, made if there are none."""
    made = Certificates(path)
    if not made.exists():
        made.init(now or datetime.now(UTC))
    return made
