"""Secrets and their examples (clause 8d). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.evidence import Gap
from policies.model.secrets.code import CodeFile, SettingsFile
from policies.model.secrets.credential_values import counted
from policies.model.secrets.exampled import ExampledFile
from policies.model.secrets.examples import ExampleValue
from policies.model.secrets.files import SecretFile
from policies.model.secrets.terraform import TerraformSecret
from policies.model.secrets.tracked import TrackedFile


@requirement(
    "SECRET-01a",
    SecretFile,
    clause="8d",
    severity=HIGH,
    remedy="Commit the same keys with placeholders as FILE.example.",
)
def test_secret_file_ships_its_example(file):
    """Without an example nobody but the author knows which secrets a clean checkout needs."""
    assert file.entry.example, file.evidence("{} has no example beside it ({}.example)", file.path, file.path)


@requirement(
    "SECRET-01b",
    SecretFile,
    clause="8d",
    severity=MEDIUM,
    remedy="Give the example every key that is needed, and no other.",
)
def test_example_has_the_same_keys(file):
    """An example that lacks a key makes a Secret that lacks it, and a pod that does not start."""
    if not file.entry.example:
        not_judged("there is no example (SECRET-01a)")
    if file.real_keys is None and not file.read_keys:
        not_judged("the real file is not here, and no workload takes a key of it by name")
    assert file.agrees, file.blame_example()


@requirement(
    "SECRET-01c",
    ExampleValue,
    clause="8d",
    severity=HIGH,
    remedy="Write a placeholder, as CHANGE_ME; whoever needs the value asks for it.",
)
def test_example_value_is_a_placeholder(value):
    """An example is committed: a value that works is a secret that everybody has."""
    key = value.declaration.key
    assert value.is_placeholder or value.is_public, value.evidence(
        "the value of {} ({}) is no placeholder", key, counted(len(value.declaration.value), "character")
    )


@requirement("SECRET-02a", SecretFile, clause="8d", severity=HIGH, remedy="Name the file in a .gitignore.")
def test_secret_file_is_ignored(file):
    """A file that git does not ignore is one 'git add .' away from being everybody's."""
    if isinstance(file.ignored, Gap):
        not_judged(file.ignored.reason)
    assert file.ignored is not None, file.evidence("git does not ignore {}", file.path)


@requirement(
    "SECRET-02b",
    SecretFile,
    clause="8d",
    severity=CRITICAL,
    remedy="git rm --cached FILE, and replace every secret in it: history keeps it.",
)
def test_secret_file_is_not_tracked(file):
    """A tracked secret is in every clone, and stays in the history when it is deleted."""
    if isinstance(file.tracked, Gap):
        not_judged(file.tracked.reason)
    assert not file.tracked, file.evidence("git tracks {}", file.path)


@requirement(
    "SECRET-02c",
    TrackedFile,
    clause="8d",
    severity=CRITICAL,
    in_development=LOW,
    remedy="git rm --cached FILE, replace the secret, and take it from a Secret.",
)
def test_tracked_file_holds_no_secret(file):
    """A secret in a file that is not called one is found last, and by others first."""
    assert not file.held, file.evidence("{}", "; ".join(f"line {line}: {text}" for line, text in file.held))


@requirement(
    "SECRET-02d",
    ExampledFile,
    clause="8d",
    severity=HIGH,
    remedy="Name the real file in a .gitignore, and keep its example; git rm --cached FILE where git tracks it, and replace every secret in it.",
)
def test_real_file_of_an_example_is_ignored(file):
    """What a package reads its key from is a secret file as much as what a Secret is made from."""
    for known in (file.ignored, file.tracked):
        if isinstance(known, Gap):
            not_judged(known.reason)
    assert not file.tracked, file.evidence("git tracks {}", file.path)
    assert file.ignored is not None, file.evidence("git does not ignore {}", file.path)


@requirement(
    "SECRET-03a",
    TerraformSecret,
    clause="+",
    severity=CRITICAL,
    in_development=HIGH,
    remedy="Generate it (random_password), or read it from Secrets Manager; replace the one that was written: history keeps it.",
)
def test_terraform_holds_no_literal_secret(secret):
    """A secret in a file of Terraform is in every clone and in every state, and is the same in each environment."""
    assert secret.literal is None, secret.evidence("{} is {}", secret.name.rpartition(".")[2], secret.literal)


@requirement(
    "SECRET-03b",
    CodeFile,
    clause="+",
    severity=CRITICAL,
    remedy="Take it from the environment or from Secrets Manager; replace the one that was written: history keeps it.",
)
def test_code_holds_no_literal_secret(file):
    """A secret in code is in every clone, in every image and in every package, and changes with a release only."""
    assert not file.held, file.evidence("{}", "; ".join(f"line {line}: {text}" for line, text in file.held))


@requirement(
    "SECRET-03c",
    SettingsFile,
    clause="+",
    severity=CRITICAL,
    in_development=HIGH,
    remedy="Write ${NAME} and give the value by the environment; replace the one that was written: history keeps it.",
)
def test_settings_hold_no_literal_secret(file):
    """What code is set by is packed and shipped with it; manifests themselves are judged field by field (KIND-05)."""
    assert not file.held, file.evidence("{}", "; ".join(f"line {line}: {text}" for line, text in file.held))
