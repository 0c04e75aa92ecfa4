"""Whatever a template refers to is there, in it or in the stack whose output it is."""

import pytest

from tests.cloudformation.templates import NAMES, NESTED, resources, sub_names, template, walk

_OF_AWS = {
    f"AWS::{name}" for name in ("AccountId", "NoValue", "Partition", "Region", "StackName", "URLSuffix")
}


def _refers_to(name: str) -> set[str]:
    found: set[str] = set()
    for one in walk(template(name)):
        if isinstance(one, dict) and len(one) == 1:
            ((key, value),) = one.items()
            if key == "Ref":
                found.add(value)
            elif key == "Fn::GetAtt":
                found.add(value[0])
            elif key == "Fn::Sub":
                found |= {used.split(".")[0] for used in sub_names(value)}
    for resource in resources(name).values():
        before = resource.get("DependsOn", [])
        found |= {before} if isinstance(before, str) else set(before)
    return found


def _conditions(name: str) -> set[str]:
    used = {one["Condition"] for one in walk(template(name)) if isinstance(one, dict) and _names_one(one)}
    chosen = {one["Fn::If"][0] for one in walk(template(name)) if isinstance(one, dict) and "Fn::If" in one}
    return used | chosen


def _names_one(tree: dict[str, object]) -> bool:
    return isinstance(tree.get("Condition"), str)


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_in_a_template_is_to_something_in_it(name: str) -> None:
    there = set(template(name).get("Parameters", {})) | set(resources(name)) | _OF_AWS

    dangling = _refers_to(name) - there

    assert not dangling
    assert _conditions(name) <= set(template(name).get("Conditions", {}))


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_and_condition_is_used(name: str) -> None:
    unused = set(template(name).get("Parameters", {})) - _refers_to(name)

    assert not unused
    assert set(template(name).get("Conditions", {})) <= _conditions(name)


def test_a_nested_stack_is_given_exactly_its_parameters() -> None:
    for key, stack in resources("root", NESTED).items():
        nested = stack["Properties"]["TemplateURL"].removesuffix(".yaml")
        wanted = template(nested)["Parameters"]

        given = stack["Properties"].get("Parameters", {})

        assert nested == key.lower()
        assert set(given) == set(wanted)


def test_every_output_that_the_root_hands_on_is_one_of_its_stack() -> None:
    handed = [
        one["Fn::GetAtt"] for one in walk(template("root")) if isinstance(one, dict) and "Fn::GetAtt" in one
    ]

    missing = [
        (stack, attribute)
        for stack, attribute in handed
        if attribute.removeprefix("Outputs.") not in template(stack.lower())["Outputs"]
    ]

    assert handed
    assert not missing


def test_every_output_of_a_nested_stack_is_wanted() -> None:
    handed = {
        (one["Fn::GetAtt"][0], one["Fn::GetAtt"][1].removeprefix("Outputs."))
        for one in walk(template("root"))
        if isinstance(one, dict) and "Fn::GetAtt" in one
    }

    offered = {
        (key, output) for key in resources("root", NESTED) for output in template(key.lower())["Outputs"]
    }

    # For people: where alarms go.
    assert offered - handed <= {("Observability", "PageTopic"), ("Observability", "NoticeTopic")}


def test_every_size_has_every_figure() -> None:
    sizes = template("root")["Mappings"]["Sizes"]
    looked_up = {
        one["Fn::FindInMap"][2]
        for one in walk(template("root"))
        if isinstance(one, dict) and "Fn::FindInMap" in one
    }

    figures = {size: set(values) for size, values in sizes.items()}

    assert set(figures) == {"pilot", "hospital", "region"}
    assert all(names == looked_up for names in figures.values())


def test_nothing_waits_in_a_circle() -> None:
    waits_for = {
        key: {
            one["Fn::GetAtt"][0]
            for one in walk(stack["Properties"])
            if isinstance(one, dict) and "Fn::GetAtt" in one
        }
        for key, stack in resources("root", NESTED).items()
    }

    made: set[str] = set()
    while ready := {key for key, before in waits_for.items() if key not in made and before <= made}:
        made |= ready

    assert made == set(waits_for)
