"""Images: how references are taken apart, and which of them are placeholders."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.evidence import Gap
from policies.model.workloads.deployed_images import DeployedImage, ReleasedImage
from policies.model.workloads.images import Image
from policies.platform import Platform

DIGEST = "sha256:5081e233019b1bd17bfc626505d376303a7ec1bde6e245f8c885d2e3662681c8"


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "digest"),
    [
        ("busybox", None, "busybox", None, None),
        ("nginx:1.29", None, "nginx", "1.29", None),
        ("ticketing/gateway-service:1.0.0", None, "ticketing/gateway-service", "1.0.0", None),
        ("quay.io/strimzi/kafka:0.45.0-kafka-3.9.0", "quay.io", "strimzi/kafka", "0.45.0-kafka-3.9.0", None),
        ("localhost:5000/a/b:1", "localhost:5000", "a/b", "1", None),
        ("localhost/a", "localhost", "a", None, None),
        ("kind-registry:5000/a", "kind-registry:5000", "a", None, None),
        ("[fd00::1]:5000/a:1", "[fd00::1]:5000", "a", "1", None),
        ("Registry.Ticketing.Internal/app:1", "Registry.Ticketing.Internal", "app", "1", None),
        ("REGISTRY/app", "REGISTRY", "app", None, None),
        (f"nginx@{DIGEST}", None, "nginx", None, DIGEST),
        (f"registry.k8s.io/pause:3.10@{DIGEST}", "registry.k8s.io", "pause", "3.10", DIGEST),
    ],
)
def test_reference_is_taken_apart(
    text: str, registry: str | None, name: str, tag: str | None, digest: str | None
) -> None:
    """A reference has the parts that the kubelet sees in it."""
    assert Image.parse(text) == Image(text, registry, name, tag, digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " nginx",
        "nginx ",
        "nginx:1:2",
        "Nginx",
        "a//b",
        "/a",
        "a/",
        "-a",
        "a..b",
        "host/App:1",
        "nginx@sha256:abc",
        "a:b\n",
    ],
)
def test_what_is_no_reference_has_no_name(text: str) -> None:
    """What the kubelet calls an invalid image name is no reference."""
    assert not Image.parse(text).is_reference


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("busybox", "latest"),
        ("busybox:latest", "latest"),
        ("busybox:1", "1"),
        (f"busybox@{DIGEST}", None),
        (f"busybox:latest@{DIGEST}", "latest"),
        ("YOUR_ECR_URI/gateway-service:latest", "latest"),
        ("${REGISTRY}/app", None),
        ("", None),
    ],
)
def test_effective_tag(text: str, tag: str | None) -> None:
    """A reference without tag and digest is latest; of what is no reference only a written tag is known."""
    assert Image.parse(text).effective_tag == tag


@pytest.mark.parametrize(
    "text",
    [
        "todo-app",
        "todo:1.0",
        "acme/todo-app:1",
        "quay.io/strimzi/kafka:0.45.0-kafka-3.9.0",
        "registry.k8s.io/pause:3.10",
        "registry:2.8.3",
        "docker.io/library/registry:2",
        "nexus.ticketing.internal/repository/docker/app:1",
        "localhost:5000/a/b:1",
        "kind.local/frontend:1",
        "busybox",
        f"nginx@{DIGEST}",
        "Registry.Ticketing.Internal:5000/app:1",
        "yourls:1.9",
        "ghcr.io/xxl/job:1",
        "maxxx/tool:1",
        "docker.io/istio/examples-bookinfo-reviews-v1:1.20.2",
        "gcr.io/google-samples/hello-app:1.0",
        "myexample.com/app:1",
        "998877665544.dkr.ecr.ap-northeast-2.amazonaws.com/gateway-service:v1.4.2",
        "europe-docker.pkg.dev/tickets/prod/app:2026.01.31",
        "app:replace-4",
        f"app:1.0.0@{DIGEST}",
        f"app@sha256:{'0000deadbeef' * 5}a9bc",
        f"app@sha512:{DIGEST[7:]}{DIGEST[:6:-1]}",
    ],
)
def test_image_is_no_placeholder(text: str) -> None:
    """An image that somebody really has is taken as it is, however odd its name."""
    assert Image.parse(text).placeholder is None


@pytest.mark.parametrize(
    ("text", "part", "said"),
    [
        ("", "name", "it is empty"),
        ("  ", "name", "it is empty"),
        ("YOUR_ECR_URI/gateway-service:latest", "name", "'YOUR_ECR_URI'"),
        ("ghcr.io/your-org/app:1", "name", "'your-org'"),
        ("yourusername/app:1", "name", "'yourusername'"),
        ("ghcr.io/acme/app:CHANGE_ME", "tag", "'CHANGE_ME'"),
        ("REGISTRY/app:TAG", "name", "the registry 'REGISTRY'"),
        ("ghcr.io/acme/app:TAG", "tag", "the tag 'TAG'"),
        ("ghcr.io/acme/app:__IMAGE_TAG__", "tag", "the tag '__IMAGE_TAG__'"),
        ("app:todo", "tag", "the tag 'todo'"),
        ("app:xxx", "tag", "'xxx'"),
        ("${ECR}/app", "name", "'${ECR}'"),
        ("$(REGISTRY)/app:1", "name", "'$(REGISTRY)'"),
        ("{{ .Values.image }}", "name", "'{{ .Values.image }}'"),
        ("%REGISTRY%/app:1", "name", "'%REGISTRY%'"),
        ("<image>", "name", "'<image>'"),
        ("...", "name", "'...'"),
        ("registry/app:1", "name", "the owner 'registry'"),
        ("username/app:1", "name", "the owner 'username'"),
        ("ghcr.io/example/app:1", "name", "the owner 'example'"),
        ("none:none", "name", "the name 'none'"),
        ("image:1", "name", "the name 'image'"),
        ("example.com/app:1", "name", "the registry 'example.com'"),
        ("registry.example.org:5000/app:1", "name", "the registry 'registry.example.org:5000'"),
        ("registry.invalid/app:1", "name", "the registry 'registry.invalid'"),
        ("000000000000.dkr.ecr.eu-west-1.amazonaws.com/app:1", "name", "the registry '000000000000."),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1", "name", "the registry '123456789012."),
        ("App:1", "name", "it is no image's name"),
        (f"registry.ticketing.internal/app:{DIGEST}", "tag", "a digest stands where its tag belongs (newTag)"),
        (f"app@sha256:{'0' * 64}", "digest", "the digest is all zero"),
        (f"app@sha256:{'a' * 64}", "digest", "the digest repeats 'a'"),
        (f"app@sha256:{'0123456789abcdef' * 4}", "digest", "the digest repeats '0123456789abcdef'"),
        (f"app@sha256:{'abc' * 21}a", "digest", "the digest repeats 'abc'"),
        (f"app@sha256:{'0' * 60}beef", "digest", "the digest has '0' sixteen times in a row"),
        (f"app@sha256:{DIGEST[7:47]}", "digest", "the digest has 40 digits, and sha256 has 64"),
    ],
)
def test_image_is_a_placeholder(text: str, part: str, said: str) -> None:
    """What stands for something that nobody filled in is named, and so is the part of the image that it is."""
    image = Image.parse(text)
    assert image.placeholder is not None
    assert said in image.placeholder
    assert image.placeholder_part == part


def platform(root: Path, files: dict[str, str]) -> Platform:
    """Write a platform's files and open it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Platform.open(root)


def pod(name: str, image: str) -> str:
    """Write a pod of one container."""
    spec = f"spec: {{containers: [{{name: a, image: '{image}'}}]}}"
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n{spec}\n"


APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {project: a}\n"
STATED = '[manifests.tools]\npath = "tools"\nstage = "release"\n'


@pytest.mark.parametrize("stated", ["", STATED])
def test_custom_resources_alone_have_no_images(tmp_path: Path, stated: str) -> None:
    """A folder of custom resources is neither a broken promise nor a line of what is not judged."""
    made = platform(tmp_path, {"platform.toml": stated, "tools/a.yaml": APPLICATION, "prod/a.yaml": pod("b", "a/b:1")})
    assert [subject.id for subject in DeployedImage.collect(made)] == ["prod:Pod/b/a"]
    assert [subject.id for subject in ReleasedImage.collect(made)] == ["prod:Pod/b/a"]


def test_stated_folder_without_a_document_is_a_broken_promise(tmp_path: Path) -> None:
    """What is stated and holds nothing at all fails."""
    found = DeployedImage.collect(platform(tmp_path, {"platform.toml": STATED, "tools/README.md": ""}))
    assert [(gap.promised, gap.reason) for gap in found if isinstance(gap, Gap)] == [
        (True, "platform.toml states tools, which holds no manifest")
    ]


@pytest.mark.parametrize("beside", [{}, {"tools/b.yaml": APPLICATION}])
def test_unreadable_file_of_a_folder_is_named(tmp_path: Path, beside: dict[str, str]) -> None:
    """Where the one manifest with containers cannot be read, it is named."""
    files = {"platform.toml": STATED, "tools/a.yaml": "kind: Pod\napiVersion: ]\n", **beside}
    found = DeployedImage.collect(platform(tmp_path, files))
    (gap,) = (gap for gap in found if isinstance(gap, Gap))
    assert gap.reason.startswith("tools/a.yaml cannot be read (BUILD-01c)")
    assert not gap.promised


def test_digest_is_compared_over_all_releases(tmp_path: Path) -> None:
    """Another image with the same digest is told whole, in whichever release it is; a mirror's is the same image."""
    files = {
        "prod/a.yaml": pod("a", f"registry.a/shop/one@{DIGEST}"),
        "live/a.yaml": pod("a", f"registry.b:5000/shop/two@{DIGEST}"),
        "live/b.yaml": pod("b", f"mirror.b/one@{DIGEST}"),
        "dev/a.yaml": pod("a", f"three@{DIGEST}"),
    }
    found = {
        subject.id: subject.twins
        for subject in DeployedImage.collect(platform(tmp_path, files))
        if not isinstance(subject, Gap)
    }
    assert found["prod:Pod/a/a"] == ("registry.b:5000/shop/two",)
    assert found["live:Pod/a/a"] == ("mirror.b/one",)
    assert found["dev:Pod/a/a"] == ()


@pytest.mark.parametrize(
    ("api", "spec", "count"),
    [
        ("monitoring.coreos.com/v1", "{image: 'quay.io/prometheus/prometheus:latest'}", 1),
        ("postgresql.cnpg.io/v1", "{image: 'YOUR_REGISTRY/postgres:17'}", 1),
        ("monitoring.coreos.com/v1", "{image: prometheus}", 0),
        ("monitoring.coreos.com/v1", "{image: {repository: a, tag: latest}}", 0),
        ("networking.k8s.io/v1", "{image: 'a:latest'}", 0),
        ("v1", "{image: 'a:latest'}", 0),
    ],
)
def test_image_of_a_custom_resource(tmp_path: Path, api: str, spec: str, count: int) -> None:
    """An image that an operator is to run is looked at; it is no image of a release, which kustomize could pin."""
    text = f"apiVersion: {api}\nkind: Thing\nmetadata: {{name: a}}\nspec: {spec}\n"
    made = platform(tmp_path, {"prod/a.yaml": text})
    assert len(list(DeployedImage.collect(made))) == count
    assert not list(ReleasedImage.collect(made))
