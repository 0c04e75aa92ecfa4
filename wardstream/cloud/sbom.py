"""What is in an image, as CycloneDX 1.6: the Python packages of its lock file and the image it stands on. Pure.

Debian's packages are not listed: they are those of the base image.
"""

import json
import re

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
_BASE = re.compile(r"^ARG PYTHON_IMAGE=(?P<image>\S+)$", re.MULTILINE)


def sbom(service: str, version: str, lock: str, dockerfile: str) -> str:
    """The bill of materials of one image; the same input gives the same text."""
    base = _BASE.search(dockerfile)
    if base is None:
        raise ValueError("the Dockerfile names no base image")
    image, _, tag = base["image"].partition(":")
    packages = [_package(found["name"], found["version"]) for found in _PIN.finditer(lock)]
    said = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "container", "name": f"wardstream/{service}", "version": version},
        },
        "components": [{"type": "container", "name": image, "version": tag}, *packages],
    }
    return json.dumps(said, indent=2) + "\n"


def _package(name: str, version: str) -> dict[str, str]:
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
    }
