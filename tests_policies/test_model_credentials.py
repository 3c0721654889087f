"""Credentials: which names say that a value is one, and which values are one in full."""

from __future__ import annotations

import time

import pytest

from policies.model.secrets.credential_names import names_credential
from policies.model.secrets.credential_values import is_reference, literal_credential, literals_in

HIDDEN = "correct-horse"


@pytest.mark.parametrize(
    "name",
    [
        "GF_SECURITY_ADMIN_PASSWORD", "POSTGRES_PASSWORD", "PGPASSWORD", "MYSQL_PWD", "JWT_SECRET", "SECRET_KEY_BASE", "apiKey", "API_KEY_2",
        "AWS_SECRET_ACCESS_KEY", "MINIO_ROOT_PASSWORD", "COOKIE_SECRET", "REDISCLI_AUTH", "RABBITMQ_ERLANG_COOKIE", "spring.datasource.password",
        "keyStorePassword", "GITHUB_TOKEN", "GITHUB_PAT", "accessToken", "SMTP_PASS", "requirepass", "client-key-data", "privateKey", "DB_PASSWORD_PROD",
        "dbpassword", "MESSAGE_BROKER_PASSWORD", "labelStudio.apiKey",
    ],
)  # fmt: skip
def test_name_says_credential(name: str) -> None:
    """The name of what must be kept secret is known as one."""
    assert names_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "JWT_SECRET_NAME", "TOKEN_TTL_SECONDS", "ACCESS_TOKEN_EXPIRES_IN", "AWS_ACCESS_KEY_ID", "COMPASS_X", "BYPASS_PATHS", "PASSENGER_COUNT",
        "KEYCLOAK_URL", "TOKENIZER", "MONKEY", "PASSWORD_RESET_URL", "X_API_KEY_HEADER", "csrfTokenHeader", "SASL_PASSWORD_FILE",
        "ENABLE_TOKEN_AUTH", "MAX_TOKENS", "secretKeyRef", "secretName", "imagePullSecretName", "password_encryption", "PWD", "OLDPWD",
        "TOKEN_ENDPOINT", "PASSWORD_MIN_LENGTH", "SECRETS_STORE_NAMESPACE", "PUBLIC_KEY", "KEY", "", "bearer_token_file", "auth_enabled",
        "csrf.token.cookie", "jwt.token.clock-skew", "password_hint", "token.leeway", "session.token.grace", "password.placeholder", "password_title",
        "forgot.password.text", "reset.password.message", "reset.password.button", "reset.password.link", "token.window",
    ],
)  # fmt: skip
def test_name_says_no_credential(name: str) -> None:
    """A name that only speaks about a credential, or has its letters by chance, is none."""
    assert not names_credential(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GF_SECURITY_ADMIN_PASSWORD", "admin"),
        ("POSTGRES_PASSWORD", "481"),
        ("JWT_SECRET", "20241231"),
        ("ANYTHING", "AKIAQ3EGRIVENG4XT7PL"),
        ("AWS_ACCESS_KEY_ID", "AKIAQ3EGRIVENG4XT7PL"),
        ("ANYTHING", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n"),
        ("ANYTHING", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("ANYTHING", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"),
        ("SPRING_DATASOURCE_URL", f"jdbc:postgresql://app:{HIDDEN}@postgres:5432/tickets"),
        ("SPRING_DATASOURCE_URL", f"jdbc:postgresql://postgres/tickets?user=app&password={HIDDEN}"),
        ("REDIS_URL", f"redis://:{HIDDEN}@dragonfly:6379"),
        ("DSN", f"app:{HIDDEN}@tcp(mysql:3306)/tickets"),
        ("STORAGE", f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={HIDDEN}"),
        ("KAFKA_SASL_JAAS_CONFIG", f'org.apache.kafka…PlainLoginModule required username="app" password="{HIDDEN}";'),
        ("JAVA_OPTS", f"-Xmx1g -Djavax.net.ssl.keyStorePassword={HIDDEN}"),
        ("args", f"redis-server --requirepass {HIDDEN} --port 6379"),
        ("args", f"set -e; PGPASSWORD={HIDDEN} psql -h postgres"),
        ("from-literal", f"password={HIDDEN}"),
        ("DB_PASSWORD", f"${{DB_PASSWORD:-{HIDDEN}}}"),
        ("DB_PASSWORD", f"${{DB_PASSWORD:{HIDDEN}}}"),
        ("DB_PASSWORD", "CHANGE_ME"),
        ("CONNECTION", f'{{"host": "db", "password": "{HIDDEN}"}}'),
        ("CONNECTION", f"{{host: db, password: {HIDDEN}, port: 5432}}"),
        ("basic_auth", f"{{username: prom, password: {HIDDEN}}}"),
        (".dockerconfigjson", f'{{"auths":{{"r":{{"username":"u","password":"{HIDDEN}"}}}}}}'),
        (".dockerconfigjson", '{"auths":{"r":{"auth":"dXNlcjpodW50ZXIy"}}}'),
        ("Authorization", f'"Bearer {HIDDEN}"'),
        ("authorization", "Basic dXNlcjpodW50ZXIy"),
        ("args", f"curl -H 'Authorization: Bearer {HIDDEN}' http://gateway"),
        ("spring.data.redis.auth", f"${{REDIS_PASSWORD:{HIDDEN}}}"),
        ("SPRING_DATASOURCE_URL", f"jdbc:postgresql://${{DB_USER:app}}:${{DB_PASSWORD:{HIDDEN}}}@postgres/tickets"),
        ("message.broker.password", HIDDEN),
        ("DB_PASSWORD", "two words"),
    ],
)
def test_value_is_a_credential(name: str, value: str) -> None:
    """A credential that is written in full is seen, and never told."""
    told = literal_credential(name, value)
    assert told is not None
    assert HIDDEN not in told
    assert value not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "$(DB_PASSWORD)"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "${DB_PASSWORD:?must be set}"),
        ("DB_PASSWORD", "${DB_PASSWORD:-}"),
        ("DB_PASSWORD", "${DB_PASSWORD:-${OTHER}}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "{{ .Values.password }}"),
        ("DB_PASSWORD", "<password>"),
        ("DB_PASSWORD", "vault:secret/data/db#password"),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:p673w==,type:str]"),
        ("DB_PASSWORD", "/run/secrets/db"),
        ("admin_password", "$__env{GRAFANA_ADMIN_PASSWORD}"),
        ("ENABLE_TOKEN_AUTH", "true"),
        ("AUTH_TOKEN", "false"),
        ("TOKEN_TTL_SECONDS", "3600"),
        ("ACCESS_TOKEN_EXPIRES_IN", "86400"),
        ("MAX_TOKENS", "4096"),
        ("BYPASS_PATHS", "/actuator,/health"),
        ("PASSWORD_RESET_URL", "https://www.ticketing.internal/reset"),
        ("JWT_SECRET_NAME", "app-secrets"),
        ("SASL_PASSWORD_FILE", "/run/secrets/sasl"),
        ("X_API_KEY_HEADER", "x-api-key"),
        ("REDIS_URL", "redis://dragonfly:6379"),
        ("REDIS_URL", "redis://:$(REDIS_PASSWORD)@dragonfly:6379"),
        ("SPRING_DATASOURCE_URL", "jdbc:postgresql://postgres:5432/tickets?user=app&password=${DB_PASSWORD}"),
        ("ISSUER", "https://id.ticketing.internal:8443/realms/a?login=me@home"),
        ("GIT", "ssh://git@github.com:22/ticketing/base.git"),
        ("args", 'redis-server --requirepass "$REDIS_PASSWORD" --masterauth ${REDIS_PASSWORD}'),
        ("args", "app --token-ttl 3600 --password-file /run/secrets/x --password --verbose"),
        ("BANNER", "the password is in the vault"),
        ("message.reset-password", "Reset your password"),
        ("message.wrong-password", "This is not what we know of you"),
        ("label.password", "Kennwort"),
        ("reset-password", "Choose a new password"),
        ("grafana.password_hint", "password"),
        ("csrf.token.cookie", "XSRF-TOKEN"),
        ("jwt.token.clock-skew", "PT30S"),
        ("CONNECTION", '{"host": "db", "password": "$(DB_PASSWORD)"}'),
        (".dockerconfigjson", '{"auths":{"r":{"username":"{{ .user }}","password":"{{ .password }}"}}}'),
        (".dockerconfigjson", '{"auths":{"r":{"auth":"{{ .auth }}"}}}'),
        ("basic_auth", "{username: prom, password_file: /etc/prom/password}"),
        ("Authorization", '""'),
        ("Authorization", "Bearer $TOKEN"),
        ("Authorization", "Bearer {{token}}"),
        ("args", "curl -H 'Authorization: Bearer $(TOKEN)' http://gateway"),
        ("SPRING_DATASOURCE_URL", "jdbc:postgresql://${DB_USER:app}:${DB_PASSWORD}@postgres/tickets"),
        ("spring.data.redis.auth", "${REDIS_PASSWORD:}"),
        ("spring.data.redis.host", "${REDIS_HOST:localhost}"),
    ],
)
def test_value_is_no_credential(name: str, value: str) -> None:
    """What says where the credential is, switches something or counts is no finding."""
    assert literal_credential(name, value) is None


@pytest.mark.parametrize(("value", "told"), [("x", "1 character"), ("xy", "2 characters"), ("7", "1 digit")])
def test_length_is_told_in_words(value: str, told: str) -> None:
    """One character is one."""
    assert literal_credential("DB_PASSWORD", value) == f"a literal of {told}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("admin_password = hunter2", [(0, "admin_password")]),
        ("[security]\n;admin_password = admin\n# password: x\nadmin_password = hunter2", [(3, "admin_password")]),
        ("a: 1\npassword: hunter2 # the real one", [(1, "password")]),
        ('{\n  "password": "hunter2",\n  "credentials": {}\n}', [(1, "password")]),
        ('{\n  "password": "",\n  "secrets": [\n  ]\n}', []),
        ("requirepass hunter2\nmasterauth hunter2\nappendonly yes", [(0, "requirepass"), (1, "masterauth")]),
        ("location /api {\n  proxy_pass http://gateway:8080;\n}", []),
        ("password_encryption = scram-sha-256", []),
        ("TOKEN=$1\nPASSWORD=\"$(cat /run/secrets/x)\"\npassword = os.environ['X']\ntoken = read_token(path)", []),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", [(0, "")]),
        ("url: postgresql://app:hunter2@db/tickets", [(0, "url")]),
        ("password: ${DB_PASSWORD}\ntoken: {{ .token }}", []),
        ("  - password: hunter2", [(0, "password")]),
        ("- job_name: x\n  basic_auth: {username: prom, password: hunter2}\n", [(1, "basic_auth")]),
        ('http:\n  headers:\n    Authorization: "Bearer hunter2"\n', [(2, "Authorization")]),
        ("message.reset-password=Reset your password\nlabel.password=Password\n", []),
        ("spring.datasource.password=${DB_PASSWORD:hunter2}", [(0, "spring.datasource.password")]),
    ],
)
def test_settings_are_looked_through(text: str, found: list[tuple[int, str]]) -> None:
    """In a file of settings each line that holds a credential is found, by its number from 0, and no other."""
    assert [(line, name) for line, name, _ in literals_in(text)] == found


@pytest.mark.parametrize(
    "value", ["$(X)", "${X}", "/run/secrets/x", "secret://x", "{{ x }}", "<x>", "$X", "$1", "file:/x"]
)
def test_reference_is_known(value: str) -> None:
    """A value that names the place of a credential is a reference."""
    assert is_reference(value)


@pytest.mark.parametrize("value", ["x", "${X:x}", "$ecret", "/x", "<>", "", "${X} and more"])
def test_other_values_are_no_references(value: str) -> None:
    """What is not wholly the name of a place is no reference."""
    assert not is_reference(value)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a:",
        "a-",
        "eyJaaaaaaaaa.",
        "://",
        "x=",
        "--a ",
        "-----BEGIN A ",
        "password=",
        "${",
        "a@",
        "{",
        "{a:",
        '{"a":"',
        "://${",
        "${a:",
        "authorization ",
        ",   ",
    ],
)
def test_long_values_take_no_time(piece: str) -> None:
    """A value of a megabyte is looked at in about a second, whatever it repeats: ConfigMaps are untrusted."""
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    literal_credential("X", text)
    names_credential(text[:10_000])
    assert time.process_time() - started < 5
