"""Certificates made and revoked: keys, names and instants in, PEM out. Nothing here reads a clock or a file.

Keys are P-256, signatures ECDSA with SHA-256. A leaf says what it is for (RFC 5280, 4.2.1.12): a device's or service's can't
pose as a broker, nor the other way round.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Role = Literal["device", "service", "broker"]

# X.520 lets a common name have 64 characters. No colon: `gateway:device` is a device behind a gateway, which has no
# certificate. No `+`, `#` or `/`: the name becomes a level of MQTT topics.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
# Clocks of devices are a little off.
_BACKDATED = timedelta(minutes=5)
_PURPOSE = {
    "device": ExtendedKeyUsageOID.CLIENT_AUTH,
    "service": ExtendedKeyUsageOID.CLIENT_AUTH,
    "broker": ExtendedKeyUsageOID.SERVER_AUTH,
}


class Pair(NamedTuple):
    """A certificate and its private key, PEM. `key` is the secret: it is for a file of mode 0600 and nothing else."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Pair(…)"


class Signer(NamedTuple):
    """An authority, ready to sign."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_authority(name: str, now: datetime, days: int) -> Pair:
    """An authority that signs leaves and revocation lists, good for `days` from `now` (UTC)."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_named(name), _named(name), key.public_key(), now, days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(_pem(made), _key_pem(key))


def signer(pair: Pair) -> Signer:
    """The authority in `pair`; ValueError when it is none, or the key is not the certificate's."""
    certificate = x509.load_pem_x509_certificate(pair.certificate)
    key = serialization.load_pem_private_key(pair.key, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ValueError("the authority's key does not belong to its certificate")
    return Signer(certificate, key)


def issued(
    by: Signer, name: str, role: Role, now: datetime, days: int, *, unit: str = "", hosts: Iterable[str] = ()
) -> Pair:
    """A leaf for `name`, good for `days` from `now`. `unit` tells replicas apart; `hosts` are a broker's names and addresses.

    ValueError for a name that is none of `NAME`. It may be negative days long, which is how an expired one is made.
    """
    if NAME.fullmatch(name) is None:
        raise ValueError("a name has up to 64 letters, digits and _ . -, and begins with a letter or digit")
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _begun(_named(name, unit), by.certificate.subject, key.public_key(), now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSE[role]]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    )
    if alternatives := [_host(host) for host in hosts]:
        made = made.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return Pair(_pem(made.sign(by.key, hashes.SHA256())), _key_pem(key))


def revocation_list(
    by: Signer, revoked: Mapping[int, datetime], number: int, now: datetime, days: int
) -> bytes:
    """The list (PEM) of revoked serials with their instants; whoever checks it refuses everybody once `days` are over.

    `number` must grow from list to list (RFC 5280, 5.2.3).
    """
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    )
    for serial, at in revoked.items():
        made = made.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        )
    return made.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def serial_of(certificate: bytes) -> int:
    """A PEM certificate's serial number."""
    return x509.load_pem_x509_certificate(certificate).serial_number


def ends_at(certificate: bytes) -> datetime:
    """When a PEM certificate ends (UTC)."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    ends = now + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, ends) - _BACKDATED)
        .not_valid_after(ends)
    )


def _named(name: str, unit: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if unit:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
