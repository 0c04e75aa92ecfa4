"""A throwaway certificate authority, and certificates that it signed."""

import subprocess
from pathlib import Path
from typing import NamedTuple


class Signed(NamedTuple):
    """A certificate and its key, PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Lives for one test; its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._own = Signed(folder / "ca.crt", folder / "ca.key")
        _openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=throwaway"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(self._own.key), "-out", str(self.file)),
        )

    @property
    def file(self) -> Path:
        """The authority's own certificate."""
        return self._own.certificate

    def sign(self, name: str) -> Signed:
        """A certificate for `name`, good for localhost."""
        signed = Signed(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        request, more = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        more.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        _openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", str(signed.key), "-out", str(request)),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-days", "2", "-extfile", str(more), "-CAcreateserial"),
            *("-CA", str(self.file), "-CAkey", str(self._own.key), "-out", str(signed.certificate)),
        )
        return signed


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
