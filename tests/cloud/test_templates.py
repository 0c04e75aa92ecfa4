"""What is uploaded, and the parameters people may choose."""

import pytest

from tests.cloudformation.templates import FOLDER, NESTED, resources, template
from wardstream.cloud.templates import ROOT, chosen, packaged, parameters

ADDRESS = "https://bucket.example"
ALL = {path.name: path.read_text() for path in FOLDER.glob("*.yaml")}


def test_nested_templates_are_named_by_the_address_they_are_uploaded_to() -> None:
    done = packaged(ALL, ADDRESS)

    root = done.files[done.root]
    for stack in resources("root", NESTED).values():
        file = stack["Properties"]["TemplateURL"]
        (key,) = (key for key in done.files if key.endswith(f"/{file}"))
        assert f"TemplateURL: {ADDRESS}/{key}\n" in root
        assert done.files[key] == ALL[file]
    assert len(done.files) == len(resources("root", NESTED)) + 1


def test_another_content_has_another_name_and_the_same_content_the_same() -> None:
    once, again = packaged(ALL, ADDRESS), packaged(dict(ALL), ADDRESS)
    changed = packaged(ALL | {"network.yaml": ALL["network.yaml"] + "# changed\n"}, ADDRESS)

    assert once == again
    assert changed.root != once.root
    assert len(set(changed.files) & set(once.files)) == len(once.files) - 2


def test_a_nested_template_that_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match=r"network\.yaml"):
        packaged({ROOT: ALL[ROOT]}, ADDRESS)


def test_templates_are_small_enough_to_be_uploaded() -> None:
    # CloudFormation's limit for a template in S3.
    assert max(len(text.encode()) for text in ALL.values()) < 1_000_000


def test_the_stack_s_parameters_are_read_from_its_template() -> None:
    assert parameters(ALL[ROOT]) == set(template("root")["Parameters"])


def test_parameters_are_chosen_by_name() -> None:
    known = parameters(ALL[ROOT])

    assert chosen("Size=hospital  AlertEmail=ops@example.org", known) == {
        "Size": "hospital",
        "AlertEmail": "ops@example.org",
    }
    assert chosen("", known) == {}
    with pytest.raises(ValueError, match="Sise is no parameter"):
        chosen("Sise=pilot", known)
