"""Java and Spring's configuration, read without running any of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from policies.errors import SourceError
from policies.read import java
from policies.read.class_path import Resources
from policies.read.java_nodes import string
from policies.read.java_projects import Project, find_projects
from policies.read.spring import Settings, relaxed, variable_name
from policies.read.tree import Tree

SOURCE = b"""package shop;
@Component @Order(1)
class Door extends Base implements WebFilter {
    private static final String PREFIX = "X-";
    static final String HEADER = PREFIX + Names.TAIL + "\\"";
    @Value("${door.secret:none}") private String secret;
    private String first = "a", second = HEADER;
    Door(@Value(value = "${door.name}") String name, int... more) {}
    record Part(@DefaultValue("x") String header, java.util.List<String> rest) { Part { } }
    enum Kind { A("b"); private final String text; Kind(String text) { this.text = text; } }
}
interface Names { String TAIL = ("Tail"); }
"""


def project(root: Path, **files: str) -> Project:
    """Write files, `__` for a slash and `_dot_` for a dot, and give the project that they make."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (found,) = find_projects(Tree(root))
    return found


def settings(root: Path, files: dict[str, str], *profiles: str) -> Settings:
    """Write files and read the configuration of the project `door`."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Settings(Tree(root), "door", profiles)


def test_types_have_their_members() -> None:
    """Fields, parameters, components, annotations and what a type stands on."""
    types = {one.name: one for one in java.read("Door.java", SOURCE)}
    door = types["Door"]
    assert (door.kind, door.above) == ("class", ("Base", "WebFilter"))
    assert [one.name for one in door.annotations] == ["Component", "Order"]
    assert [one.name for one in door.fields] == ["PREFIX", "HEADER", "secret", "first", "second"]
    annotation = door.by_name["secret"].annotation("Value")
    assert annotation is not None
    assert string(annotation.values["value"]) == "${door.secret:none}"
    (made,) = door.methods
    assert (made.name, [(one.name, one.type) for one in made.parameters]) == (
        "<init>",
        [("name", "String"), ("more", "int")],
    )
    assert [(one.name, one.type) for one in types["Part"].fields] == [("header", "String"), ("rest", "List")]
    assert [one.name for one in types["Part"].methods[0].parameters] == ["header", "rest"]
    assert [one.name for one in types["Kind"].methods] == ["<init>"]


def test_constants_are_put_together(tmp_path: Path) -> None:
    """Through other constants, other types, brackets and escapes; what is no constant is None."""
    found = project(tmp_path, Door_dot_java=SOURCE.decode())
    door = found.by_name["Door"]
    constant = found.constant(door.by_name["second"].value, door)
    assert constant is not None
    assert (constant.text, constant.location.line) == ('X-Tail"', 4)
    assert found.constant(door.by_name["secret"].value, door) is None


def test_a_constant_of_itself_ends(tmp_path: Path) -> None:
    """Java refuses it; reading it must end all the same."""
    found = project(tmp_path, A_dot_java='class A { static final String B = C + "x"; static final String C = B; }')
    assert found.constant(found.by_name["A"].by_name["B"].value, found.by_name["A"]) is None


def test_projects_are_told_by_build_files(tmp_path: Path) -> None:
    """The nearest folder with one; tests are left out."""
    for name in (
        "a/pom.xml",
        "a/src/main/java/A.java",
        "a/src/test/java/T.java",
        "b/build.gradle.kts",
        "b/c/B.java",
        "x/src/main/java/X.java",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("class A {}", encoding="utf-8")
    assert {one.folder: one.files for one in find_projects(Tree(tmp_path))} == {
        "a": ("a/src/main/java/A.java",),
        "b": ("b/c/B.java",),
        "x": ("x/src/main/java/X.java",),
    }


@pytest.mark.parametrize("content", [b"a<" * 300_000, b"class A { int a = " + b"(" * 100_000, b"{" * 5000])
def test_what_would_exhaust_the_parser_is_refused(content: bytes) -> None:
    """Unbalanced angle brackets took it 900 MB at 20 KB."""
    started = time.monotonic()
    with pytest.raises(SourceError, match="nests brackets more than 200 deep"):
        java.read("A.java", content)
    assert time.monotonic() - started < 1


def test_what_is_large_or_no_java_does_no_harm() -> None:
    """A large file is refused by name; what is no Java has no types."""
    with pytest.raises(SourceError, match="is larger than"):
        java.read("A.java", b" " * 2_000_000)
    assert java.read("A.java", b"\xff\xfe\x00 not Java at all; class") == ()
    (broken,) = java.read("A.java", b'class A { void m( { return } String s = "x"; }')
    assert broken.name == "A"


def test_names_are_relaxed() -> None:
    """All spellings of a property are one."""
    assert relaxed("gateway.origin-header") == relaxed("gateway.originHeader") == relaxed("gateway.origin_header")
    assert variable_name("gateway.origin-header") == "GATEWAY_ORIGINHEADER"


def test_configuration_is_read_through_imports(tmp_path: Path) -> None:
    """An import outranks the file that imports it, `[.yaml]` says how to read it, the class path comes from the build."""
    pom = "<project><build><resources><resource><directory>${project.basedir}/../contracts</directory></resource></resources></build></project>"
    found = settings(
        tmp_path,
        {
            "door/pom.xml": pom,
            "contracts/header.json": '{"header": "X-A"}',
            "door/src/main/resources/application.yml": (
                'spring.config.import: "optional:classpath:header.json[.yaml]"\nheader: X-Old\ndoor:\n  name: ${header}\n'
            ),
        },
    )
    name, header = found.find("door.name"), found.find("header")
    assert name is not None
    assert header is not None
    assert (name.text, name.location.line) == ("${header}", 4)
    assert (header.text, str(header.location)) == ("X-A", "contracts/header.json:1")
    assert found.find("no.such") is None


def test_gradle_and_properties(tmp_path: Path) -> None:
    """Properties files outrank YAML, their lines go on, and Gradle has folders of resources too."""
    found = settings(
        tmp_path,
        {
            "door/build.gradle": "sourceSets { main { resources { srcDirs 'src/main/resources', 'x' ; srcDir '../contracts' } } }",
            "door/src/main/resources/application.yaml": "door.name: X-A\n",
            "door/src/main/resources/application.properties": (
                "# door.name=X-Z\ndoor.name = X-\\\n  B\nspring.config.import=classpath:more.properties\n"
            ),
            "contracts/more.properties": "door.other: y\n",
        },
    )
    name, other = found.find("door.name"), found.find("door.other")
    assert (name and name.text, name and name.location.line) == ("X-B", 2)
    assert other
    assert str(other.location) == "contracts/more.properties:1"


def test_resources_are_put_where_the_build_says(tmp_path: Path) -> None:
    """Maven's `targetPath` and Gradle's `into` are where below the class path: nothing of it stands at its root."""
    files = {
        "door/src/main/resources/application.yml": "spring.config.import: classpath:of/shop/header.yaml\nb: 1\n",
        "contracts/header.yaml": "name: X-A\n",
        "contracts/application.yml": "b: 2\n",
    }
    pom = "<resource><targetPath>of/shop</targetPath><directory>../contracts</directory></resource>"
    builds = {
        "door/pom.xml": f"<project><build><resources>{pom}</resources></build></project>",
        "door/build.gradle": "processResources { from('../contracts') { into 'of/shop' } }",
    }
    for file, content in builds.items():
        found = settings(tmp_path / file.replace("/", "."), {**files, file: content})
        name, other = found.find("name"), found.find("b")
        assert (name and name.text, other and other.text, found.elsewhere) == ("X-A", "1", [])


def test_profiles_hold_where_they_are_active(tmp_path: Path) -> None:
    """By the file's name, and by `spring.config.activate.on-profile` in one of several documents."""
    files = {
        "door/src/main/resources/application.yaml": "a: 1\n---\nspring.config.activate.on-profile: prod\na: 2\n",
        "door/src/main/resources/application-prod.yaml": "b: 3\n",
    }
    plain, active = settings(tmp_path, files), settings(tmp_path, files, "prod")
    assert [entry and entry.text for entry in (plain.find("a"), plain.find("b"))] == ["1", None]
    assert [entry and entry.text for entry in (active.find("a"), active.find("b"))] == ["2", "3"]


def test_a_pom_with_entities_names_nothing(tmp_path: Path) -> None:
    """Entities that grow are not expanded."""
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><project><resource><directory>&b;</directory></resource></project>'
    assert settings(tmp_path, {"door/pom.xml": bomb}).class_path == (Resources("door/src/main/resources"),)


def test_unreadable_configuration_is_told(tmp_path: Path) -> None:
    """A file that is no YAML is an error, and all else is read."""
    files = {
        "door/src/main/resources/application.yaml": "a: [1\n",
        "door/src/main/resources/application.properties": "b=2\n",
    }
    found = settings(tmp_path, files)
    assert found.find("b") is not None
    assert [error.file for error in found.errors] == ["door/src/main/resources/application.yaml"]
