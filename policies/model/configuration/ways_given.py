"""Ways by which a variable or a setting comes to a program that no manifest shows: where there is one, that it is missing is not known."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from policies.deployed import Deployed
from policies.errors import SourceError
from policies.model.configuration.environments import environments_of
from policies.model.objects.inventory import Made, inventory_of, keys_of
from policies.model.objects.references import resolve
from policies.model.objects.uses import uses
from policies.model.workloads.pods import mapping
from policies.model.workloads.workload import Container, pod_spec_path
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.java_projects import Project
from policies.read.spring import Settings

_BY_BUILD = (b"spring-cloud", b"jasypt", b"processResources", b"<filtering>")
"""What in a build file says that properties come from a server, or are filled in by the build."""

_BY_JAVA = (b"EnvironmentPostProcessor", b"PropertySource", b"setProperty", b"setDefaultProperties", b"dotenv")
"""What in Java may give properties besides."""

_BY_VARIABLES = ("SPRING_CONFIG_", "SPRING_APPLICATION_JSON", "SPRING_CLOUD_")
_OF_IMAGES = re.compile(r"(?:JAVA|LC|OTEL)_\w+")
"""What images of a JVM set, and what an operator of OpenTelemetry adds."""

_OF_SERVICES = re.compile(r"(?P<service>\w+?)_(?:SERVICE_(?:HOST|PORT\w*)|PORT(?:_\d+_(?:TCP|UDP|SCTP)\w*)?)")
"""Names that the kubelet makes of each Service (https://kubernetes.io/docs/tutorials/services/connect-applications-service/, "Environment Variables")."""

_SETTINGS = ("application", "bootstrap")


def doubt_of(
    platform: Platform, item: Deployed, project: Project, container: Container, settings: Settings, name: str
) -> str:
    """Say why a variable that no manifest gives a container may be there all the same; empty where nothing says so."""
    ways = (
        _of_container(item, container, name),
        _of_settings(settings, name),
        _of_files(platform, project, settings, name),
    )
    return next((doubt for way in ways for doubt in way), "")


def _of_container(item: Deployed, container: Container, name: str) -> Iterator[str]:
    made = environments_of(item)[container.id]
    if made.missing:
        yield f"{name} may be in {', '.join(made.missing)}, which is not here"
    if any(other.startswith(_BY_VARIABLES) for other in made.variables):
        yield "a variable of the container says where further settings are"
    told = [str(container.body.get("args") or "")]
    told += [one.value or "" for key, one in made.variables.items() if re.search("JAVA|JVM|JDK", key)]
    if container.body.get("command") or any(word in text for text in told for word in (name, "spring.")):
        yield f"{name} may be given by the container's command"
    service = _OF_SERVICES.fullmatch(name)
    names = {one.name.upper().replace("-", "_") for one in item.documents if one.kind == "Service"} | {"KUBERNETES"}
    if _OF_IMAGES.fullmatch(name) or (service is not None and service["service"] in names):
        yield f"{name} is one that the image or Kubernetes itself may give"
    spec = pod_spec_path(container.document) or ()
    if "vault" in str(container.document.get(*spec[:-1], "metadata", "annotations")):
        yield "annotations of the pod ask for what comes from a vault"
    inventory = inventory_of(item)
    for use in uses(container.document):
        if use.kind in ("ConfigMap", "Secret") and "volumes" in use.path and use.key is None:
            found = resolve(inventory, [use])
            keys = keys_of(found) if isinstance(found, (Document, Made)) else None
            if keys is None or any(key.startswith(_SETTINGS) for key in keys):
                yield f"{name} may be in the settings that {use.kind} {use.name} mounts"
    for volume in container.document.get(*spec, "volumes") or ():
        if "csi" in mapping(volume):
            yield f"{name} may be in what a volume of CSI brings"


def _of_settings(settings: Settings, name: str) -> Iterator[str]:
    if settings.errors:
        yield f"{settings.errors[0].file} cannot be read"
    if settings.find(name) is not None or settings.find("spring.profiles.active") is not None:
        yield f"{name} may be set by the project's own files"


def _of_files(platform: Platform, project: Project, settings: Settings, name: str) -> Iterator[str]:
    """Say what of the project may give the variable: its image, its build, a file that the build adds, its Java."""
    imported = {_file_of(one): one for one in settings.elsewhere}
    known = {posixpath.basename(path) for path in platform.tree.files}
    yield from (stated for base, stated in imported.items() if base not in known)
    for path in platform.tree.files:
        base = posixpath.basename(path)
        builds = base.startswith(("pom.xml", "build.gradle"))
        starts = "Dockerfile" in base or (base.endswith(".sh") and path.startswith(f"{project.folder}/"))
        if builds or starts or base in imported:
            try:
                content = platform.tree.read(path)
            except SourceError:
                yield f"{path} cannot be read"
                continue
            if name.encode() in content:
                yield f"{path} names {name}"
            if builds and any(word in content for word in _BY_BUILD):
                yield f"{path} may take settings from elsewhere"
    if any(project.mentions(word) for word in _BY_JAVA):
        yield "the project's Java may set properties"


def _file_of(stated: str) -> str:
    """Give the name of the file that an import means: `a.yaml imports classpath:x/b.json[.yaml]` means `b.json`."""
    return re.split(r"[/:]", re.sub(r"\[\.\w+\]\Z", "", stated))[-1].rpartition(" ")[2]
