"""Secrets Manager (clause 4.3e). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, requirement
from policies.model.cloud.generated_secrets import LEAST, GeneratedSecret, length_of
from policies.model.cloud.vault import Secret, SecretVersion, StatedSecret

LEAST_DAYS = 7
"""The shortest recovery window that Secrets Manager has; 0 deletes at once."""


@requirement(
    "VAULT-01a",
    StatedSecret,
    clause="4.3e",
    severity=HIGH,
    remedy="Add an aws_secretsmanager_secret of that name, or take it out of [vault] secrets in platform.toml.",
)
def test_stated_secret_is_there(secret):
    """A secret that nobody makes is typed in by hand on the day of the deploy, and then known to whoever typed it."""
    assert secret.is_there, secret.evidence(
        "no secret is called {!r}, which platform.toml states; there are {}", secret.name, secret.names
    )


@requirement(
    "VAULT-01b",
    SecretVersion,
    clause="4.3e",
    severity=HIGH,
    remedy="Take the value from random_password, an ephemeral resource or a sensitive variable without default, and replace the one that stood here.",
)
def test_secret_is_not_written_down(version):
    """A value in a file is known to everybody who ever had the repository, and stays in its history; one "to be changed later" is in force until then."""
    literals = version.secret_value.literals
    assert not literals, version.blame_value(
        "{} a literal", f"{', '.join(literals)} of its value is" if any(literals) else "its value is"
    )


@requirement(
    "VAULT-01c",
    SecretVersion,
    clause="4.3e, +",
    severity=MEDIUM,
    remedy="Set sensitive = true in the variable.",
)
def test_secret_comes_by_a_sensitive_variable(version):
    """What a variable holds that is not marked as sensitive stands in every plan, and so in the pipeline's log."""
    names = version.secret_value.open_variables
    assert not names, version.blame_value("it comes from {}, which is not sensitive", ", ".join(names))


@requirement(
    "VAULT-01d",
    Secret,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy=f"Take recovery_window_in_days out, or set it to {LEAST_DAYS} or more.",
)
def test_secret_can_be_brought_back(secret):
    """With a window of 0 a destroy, or a rename, ends the only copy at once ("Delete an AWS Secrets Manager secret")."""
    days = secret.recovery_days
    assert days >= LEAST_DAYS, secret.blame(("recovery_window_in_days",), "it can be brought back for {} days", days)


@requirement(
    "VAULT-01e",
    Secret,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Set kms_key_id to a key of the account.",
)
def test_secret_has_a_key_of_its_own(secret):
    """By AWS's own key everybody in the account reads whom the secret's policy allows; a key's policy is a second lock, and the only one for other accounts."""
    assert secret.has_own_key, secret.blame(("kms_key_id",), "the key that AWS has for all encrypts it")


@requirement(
    "VAULT-01f",
    GeneratedSecret,
    clause="4.3e, +",
    severity=HIGH,
    remedy=f"Make {LEAST} characters or more; a key that signs tokens with HS256 takes 32 bytes (RFC 7518).",
)
def test_generated_secret_is_long_enough(version):
    """Whoever has a hash or a token of it tries eight characters through in hours, in a place where nobody counts the attempts (NIST SP 800-63B-4)."""
    found = version.short
    assert not found, version.blame_short(
        found, "{} has {} characters", " and ".join(one.address for one in found), min(map(length_of, found), default=0)
    )
