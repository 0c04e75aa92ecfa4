"""The templates as CloudFormation wants them: nested ones by address, each under a name that its content gives it. Pure."""

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple

ROOT = "root.yaml"
GITHUB = "github.yaml"
_NESTED = re.compile(r"^(?P<before>\s+TemplateURL: )(?P<file>[a-z]+\.yaml)$", re.MULTILINE)
_PARAMETER = re.compile(r"^  (?P<name>[A-Za-z]+):$", re.MULTILINE)


class Packaged(NamedTuple):
    """What is to be uploaded, by key; `root` is the key of the template to deploy."""

    files: dict[str, str]
    root: str


def packaged(templates: Mapping[str, str], address: str) -> Packaged:
    """`templates` (text by file name) with nested ones named as they will be found below `address`.

    The same content gives the same keys, so an upload never changes what another deployment uses. `ValueError` names a nested
    template that isn't there.
    """
    nested = {found["file"] for found in _NESTED.finditer(templates[ROOT])}
    if missing := nested - set(templates):
        raise ValueError(f"no such template: {', '.join(sorted(missing))}")
    keys = {name: _key(name, templates[name]) for name in nested}
    root = _NESTED.sub(lambda found: f"{found['before']}{address}/{keys[found['file']]}", templates[ROOT])
    files = {keys[name]: templates[name] for name in nested}
    key = _key(ROOT, root)
    return Packaged(files | {key: root}, key)


def alone(name: str, content: str) -> Packaged:
    """A template that nests none."""
    key = _key(name, content)
    return Packaged({key: content}, key)


def _key(name: str, content: str) -> str:
    return f"templates/{hashlib.sha256(content.encode()).hexdigest()[:16]}/{name}"


def parameters(root: str) -> set[str]:
    """The names of the parameters that the root template takes."""
    section = root.partition("\nParameters:\n")[2].partition("\nMappings:\n")[0]
    return {found["name"] for found in _PARAMETER.finditer(section)}


def chosen(text: str, known: set[str]) -> dict[str, str]:
    """`Name=value Name=value` as a mapping; `ValueError` names what is no parameter."""
    given: dict[str, str] = {}
    for part in text.split():
        name, equals, value = part.partition("=")
        if not equals or name not in known:
            raise ValueError(f"{name} is no parameter of the stack: there are {', '.join(sorted(known))}")
        given[name] = value
    return given
