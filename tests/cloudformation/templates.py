"""The templates as CloudFormation reads them: short tags in their long form, so that a test can walk them."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages; templates are trees of anything

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cloudformation"
NESTED = "AWS::CloudFormation::Stack"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
_SUB = re.compile(r"\$\{(?P<name>[^!}][^}]*)\}")

Tree = dict[str, Any]


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]  # the base class is untyped
    """Knows CloudFormation's tags."""


def _tagged(loader: _Loader, suffix: str, node: Any) -> Tree:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


@functools.cache
def template(name: str) -> Tree:
    """The template `name`.yaml; not to be changed."""
    loaded: Tree = yaml.load((FOLDER / f"{name}.yaml").read_text(), _Loader)
    return loaded


def resources(name: str, kind: str | None = None) -> dict[str, Tree]:
    """The resources of a template, or those of one type."""
    found: dict[str, Tree] = template(name)["Resources"]
    return {key: one for key, one in found.items() if kind in (None, one["Type"])}


def everywhere(kind: str) -> dict[str, Tree]:
    """All resources of a type, by `template.name`."""
    return {f"{name}.{key}": one for name in NAMES for key, one in resources(name, kind).items()}


def walk(tree: Any) -> Iterator[Any]:
    """The tree and all that is in it."""
    yield tree
    if isinstance(tree, dict):
        for value in tree.values():
            yield from walk(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from walk(value)


def sub_names(value: Any) -> set[str]:
    """What a Fn::Sub refers to outside itself."""
    text, own = (value[0], set(value[1])) if isinstance(value, list) else (value, set())
    return {found["name"] for found in _SUB.finditer(text)} - own


def text(value: Any) -> str:
    """A value as text, whatever functions it holds: for looking for a name in it."""
    return value if isinstance(value, str) else json.dumps(value)


def statements(policy: Tree) -> list[Tree]:
    """A policy document's statements, actions and resources as lists."""
    found: list[Tree] = []
    for statement in policy["Statement"]:
        both = {key: statement.get(key, []) for key in ("Action", "Resource")}
        found.append(statement | {key: one if isinstance(one, list) else [one] for key, one in both.items()})
    return found


def documents(resource: Tree) -> list[Tree]:
    """Every policy document in a resource, those of who may assume a role excepted."""
    given = {key: one for key, one in resource["Properties"].items() if key != "AssumeRolePolicyDocument"}
    return [one for one in walk(given) if isinstance(one, dict) and "Statement" in one and "Version" in one]
