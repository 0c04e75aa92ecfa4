"""Certificates and revocation lists, without a file or a clock."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from wardstream.certs import authority, rules

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def signer() -> authority.Signer:
    return authority.signer(authority.new_authority("test", NOW, 10))


def test_a_leaf_is_signed_by_its_authority_and_says_who_it_is_for() -> None:
    by = signer()

    leaf = x509.load_pem_x509_certificate(
        authority.issued(by, "device_1", "device", NOW, 5, unit="2").certificate
    )

    leaf.verify_directly_issued_by(by.certificate)
    assert leaf.subject.rfc4514_string() == "CN=device_1,OU=2"
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.not_valid_after_utc == NOW + timedelta(days=5)


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "gateway:device", "a" * 65, "-a", "a\nb"])
def test_a_name_that_could_mean_more_than_one_device_is_refused(name: str) -> None:
    by = signer()

    with pytest.raises(ValueError, match="a name has"):
        authority.issued(by, name, "device", NOW, 5)


def test_a_revocation_list_names_serials_and_is_the_authoritys() -> None:
    by = signer()

    made = x509.load_pem_x509_crl(authority.revocation_list(by, {7: NOW}, 3, NOW, 5))

    assert [each.serial_number for each in made] == [7]
    assert made.is_signature_valid(by.key.public_key())


def test_a_key_of_another_authority_is_refused() -> None:
    ours, theirs = authority.new_authority("a", NOW, 5), authority.new_authority("b", NOW, 5)

    with pytest.raises(ValueError, match="does not belong"):
        authority.signer(authority.Pair(ours.certificate, theirs.key))


def test_a_key_does_not_print() -> None:
    assert "PRIVATE" not in repr(authority.new_authority("a", NOW, 5))


def test_who_is_denied_comes_before_what_everybody_may() -> None:
    lines = rules.of_devices({"lost"}).splitlines()

    assert lines[:2] == ["user lost", "topic deny #"]
    assert "pattern write iot/device/%u" in lines
