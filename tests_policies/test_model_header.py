"""The header contract in other styles of Java, Terraform and manifests than the reference platform's."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.session.aside import beside
from policies.verdict import Outcome, cases, judge

HEADERS = [item for item in catalogue(OWN) if item.chapter == "HDR" and not beside(item)]
"""Those that are told from the files; what a gateway does that is started is test_agreement_mutants.py's."""

TERRAFORM = """
resource "aws_cloudfront_distribution" "cdn" {
  enabled = true
  origin {
    origin_id   = "alb"
    domain_name = "origin.shop.internal"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
    custom_header {
      name  = "X-Origin-Verify"
      value = data.aws_secretsmanager_secret_version.verify.secret_string
    }
  }
  default_cache_behavior {
    target_origin_id       = "alb"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    cache_policy_id        = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  }
}
data "aws_secretsmanager_secret" "verify" {
  name = "shop/verify"
}
data "aws_secretsmanager_secret_version" "verify" {
  secret_id = data.aws_secretsmanager_secret.verify.id
}
"""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: door, namespace: shop}
spec:
  selector: {matchLabels: {app: door}}
  template:
    metadata: {labels: {app: door}}
    spec:
      containers:
        - name: door
          image: shop/door:1
          env:
            - name: VERIFY
              valueFrom: {secretKeyRef: {name: door, key: verify}}
"""

STATED = """
[services]
gateway = "door"
[manifests.shop]
path = "k8s"
stage = "release"
[terraform.prod]
path = "infra"
stage = "release"
"""

FILTER = """
@Component
class Door extends OncePerRequestFilter {
    %(fields)s
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
        String sent = request.getHeader(%(name)s);
        if (sent == null || !%(compare)s) {
            response.sendError(403);
            return;
        }
        chain.doFilter(request, response);
    }
}
"""
EQUAL = "MessageDigest.isEqual(secret.getBytes(UTF_8), sent.getBytes(UTF_8))"


def java(
    name: str = '"X-Origin-Verify"', compare: str = EQUAL, fields: str = '@Value("${VERIFY}") private String secret;'
) -> str:
    """Write a filter."""
    return FILTER % {"name": name, "compare": compare, "fields": fields}


def platform(
    root: Path,
    source: str,
    *,
    terraform: str = TERRAFORM,
    manifest: str = DEPLOYMENT,
    stated: str = STATED,
    **more: str,
) -> Platform:
    """Write a platform: Terraform, a manifest, a project of Java, and more files (`__` for a slash, `_dot_` for a dot)."""
    files = {
        "infra/main.tf": terraform,
        "k8s/door.yaml": manifest,
        "door/pom.xml": "<project/>",
        "door/src/main/java/Door.java": source,
        "platform.toml": stated,
        **{name.replace("__", "/").replace("_dot_", "."): text for name, text in more.items()},
    }
    for name, text in files.items():
        if text:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    return Platform.open(root)


def outcomes(platform: Platform) -> dict[str, str]:
    """Judge a platform by the chapter: `failed` and `not judged` by id, what passed left out."""
    found: dict[str, str] = {}
    for item in HEADERS:
        verdicts = [judge(case) for case in cases(item, platform)]
        worst = [one.outcome for one in verdicts if one.outcome is not Outcome.PASSED]
        if worst or not verdicts:
            found[item.id] = (
                Outcome.FAILED if Outcome.FAILED in worst else worst[0] if worst else Outcome.NOT_JUDGED
            ).value
    return found


def messages(platform: Platform, id: str) -> str:
    """Give what is said of one requirement."""
    return "\n".join(
        f"{one.message} {[str(place) for place in one.locations]}"
        for item in HEADERS
        if item.id == id
        for case in cases(item, platform)
        for one in (judge(case),)
    )


LITERAL_TWICE = {"HDR-01a": "failed", "HDR-01b": "not judged", "HDR-04d": "not judged"}
"""Where the name stands as a literal at both ends, and nothing states which secret is which."""

ELSE = """
@Component
class Door implements GlobalFilter {
    @Value("${VERIFY}") private String secret;
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        if (!exchange.getRequest().getURI().getPath().startsWith("/api")) {
            return chain.filter(exchange);
        }
        String sent = exchange.getRequest().getHeaders().getFirst("X-Origin-Verify");
        if (sent != null && MessageDigest.isEqual(secret.getBytes(), sent.getBytes())) {
            return chain.filter(exchange);
        }
        try {
            verifier.parse(exchange.getRequest().getHeaders().getFirst("X-Token"));
            return chain.filter(exchange);
        } catch (JwtException error) {
            %s
        }
    }
    private Mono<Void> refuse(ServerWebExchange exchange) {
        exchange.getResponse().setStatusCode(HttpStatus.FORBIDDEN);
        return exchange.getResponse().setComplete();
    }
}
"""

STYLES = {
    "a constant": java("NAME", fields='static final String NAME = "X-" + "Origin-Verify"; @Value("${VERIFY}") String secret;'),
    "a constant of another type": java("Names.HEADER") + 'interface Names { String HEADER = "x-origin-verify"; }',
    "the environment": java(fields='private final String secret = System.getenv("VERIFY");'),
    "a map of the environment": java(fields='private final String secret = System.getenv().get("VERIFY");'),
    "an expression": java(fields="@Value(\"#{systemEnvironment['VERIFY']}\") String secret;"),
    "a constructor": java(fields='private final String secret; Door(Environment e) { this.secret = e.getRequiredProperty("VERIFY"); }'),
    "a property record": java(
        "properties.header()", EQUAL.replace("secret", "properties.secret()"), "private final Shop properties; Door(Shop s) { properties = s; }"
    )
    + '@ConfigurationProperties("shop") record Shop(@DefaultValue("X-Origin-Verify") String header, String secret) {}',
    "nested properties": java("shop.getDoor().header", EQUAL.replace("secret", "shop.getDoor().getSecret()"), "private Shop shop;")
    + '@ConfigurationProperties(prefix = "shop.of") class Shop { private Part door; }'
    + 'class Part { String header = "X-Origin-Verify"; private String secret; public String getSecret() { return secret; } }',
    "a helper": java(compare="matches(sent)").replace(
        "protected void",
        "private boolean matches(String given) { byte[] is = given.getBytes(); return MessageDigest.isEqual(is, secret.getBytes()); }\n protected void",
    ),
    "a helper of another type": java(compare="new Check(secret).fits(sent)")
    + "class Check { private final byte[] own; Check(String s) { own = s.getBytes(); }"
    + " boolean fits(String t) { return MessageDigest.isEqual(own, t.getBytes()); } }",
    "a reactive filter": """
@Component
class Door implements GlobalFilter {
    @Value("${VERIFY}") private String secret;
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        String sent = exchange.getRequest().getHeaders().getFirst("X-Origin-Verify");
        boolean same = sent != null && MessageDigest.isEqual(secret.getBytes(), sent.getBytes());
        return same ? chain.filter(exchange) : refuse(exchange);
    }
    private Mono<Void> refuse(ServerWebExchange exchange) {
        exchange.getResponse().setStatusCode(HttpStatus.FORBIDDEN);
        return exchange.getResponse().setComplete();
    }
}
""",
    "a header, else a token": ELSE % "return refuse(exchange);",
    "a header, else a token, by the servlet": java().replace(
        "if (sent == null || !" + EQUAL + """) {
            response.sendError(403);
            return;
        }
        chain.doFilter(request, response);""",
        "if (sent != null && " + EQUAL + """) {
            chain.doFilter(request, response);
            return;
        }
        if (verifier.admits(request.getHeader("X-Token"))) {
            chain.doFilter(request, response);
            return;
        }
        response.sendError(403);""",
    ),
    "an interceptor": """
@Component
class Door implements HandlerInterceptor {
    @Value("${VERIFY}") private String secret;
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        String sent = Optional.ofNullable(request.getHeader("X-Origin-Verify")).orElse("");
        if (MessageDigest.isEqual(secret.getBytes(), sent.getBytes())) {
            return true;
        }
        response.setStatus(403);
        return false;
    }
}
""",
    "an annotated parameter, and an exception": """
@RestControllerAdvice
class Door {
    @Value("${VERIFY}") private String secret;
    @ModelAttribute
    void check(@RequestHeader("X-Origin-Verify") String sent) {
        if (!MessageDigest.isEqual(secret.getBytes(), sent.getBytes())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
    }
}
""",
    "an empty default that does not start": java(
        fields='private final String secret; Door(@Value("${VERIFY:}") String s) { if (s.isBlank()) { throw new IllegalStateException(); } secret = s; }'
    ),
    "an empty default that is asked for by a helper": java(
        fields='private final String secret; Door(@Value("${VERIFY:}") String s) { Assert.hasText(s, "no secret"); secret = s; }'
    ),
    "an empty default, and no empty header": java(fields='@Value("${VERIFY:}") String secret;').replace(
        "sent == null", "sent == null || sent.isEmpty()"
    ),
    "another header within what is not protected": (ELSE % "return refuse(exchange);").replace(
        "if (!exchange", 'if (exchange.getRequest().getHeaders().containsKey("X-Probe") && !exchange'
    ),
    "an answer of success to what is asked before": java().replace(
        "String sent", 'if (request.getMethod().equals("OPTIONS")) { response.setStatus(204); return; }\n String sent', 1
    ),
    "a bean": java(fields='private final String secret; Door(String secret) { this.secret = secret; }').replace("@Component\n", "")
    + '@Configuration class Config { @Bean Door door(@Value("${VERIFY}") String value) { return new Door(value); } }',
    "bits compared one by one": java(compare="same(sent.getBytes(), secret.getBytes())").replace(
        "protected void",
        "static boolean same(byte[] a, byte[] b) { int r = 0; for (int i = 0; i < a.length; i++) { r |= a[i] ^ b[i]; } return r == 0; }\n protected void",
    ),
}  # fmt: skip

SETTINGS = {
    "a property record": {"door__src__main__resources__application_dot_properties": "shop.secret=${VERIFY}\n"},
    "nested properties": {
        "door__src__main__resources__application_dot_yml": "shop:\n  of:\n    door: {secret: '${VERIFY}'}\n"
    },
}


@pytest.mark.parametrize("style", STYLES)
def test_legal_styles_are_understood(tmp_path: Path, style: str) -> None:
    """However a gateway is written, its header, its secret and its refusal are found."""
    found = platform(tmp_path, STYLES[style], **SETTINGS.get(style, {}))
    assert outcomes(found) == LITERAL_TWICE


WRONG = {
    "equals": (java(compare="secret.equals(sent)"), "HDR-03b"),
    "equals the other way": (java(compare="sent.equalsIgnoreCase(secret)"), "HDR-03b"),
    "Objects.equals": (java(compare="Objects.equals(sent, secret)"), "HDR-03b"),
    "a list": (java(compare="List.of(secret.split(\",\")).contains(sent)"), "HDR-03b"),
    "a method reference": (java(compare="Stream.of(secret.split(\",\")).anyMatch(sent::equals)"), "HDR-03b"),
    "an own loop": (
        java(compare="same(sent.getBytes(), secret.getBytes())").replace(
            "protected void",
            "static boolean same(byte[] a, byte[] b) { for (int i = 0; i < a.length; i++) { if (a[i] != b[i]) return false; } return true; }\n protected void",
        ),
        "HDR-03b",
    ),
    "another name": (java('"X-Gateway-Verify"'), "HDR-02"),
    "a literal secret": (java(fields='private static final String secret = "abcdefgh12345678";'), "HDR-04b"),
    "a default": (java(fields='@Value("${VERIFY:abcdefgh}") String secret;'), "HDR-04c"),
    "a default of getenv": (java(fields='String secret = System.getenv().getOrDefault("VERIFY", "abcdefgh");'), "HDR-04c"),
    "an empty default": (java(fields='@Value("${VERIFY:}") String secret;'), "HDR-04c"),
    "a default behind the property's own variable": (
        java(compare=EQUAL.replace("secret", "verify.proof()"), fields="private final Verify verify; Door(Verify v) { verify = v; }")
        + '@ConfigurationProperties("shop") record Verify(String proof) {}',
        "HDR-04c",
    ),
    "a variable that nothing sets": (java(fields='@Value("${OTHER}") String secret;'), "HDR-04b"),
    "a log": (java().replace("response.sendError(403);\n            return;", "log.warn(sent);"), "HDR-05c"),
    "an answer, and on it goes": (java().replace("            return;\n", ""), "HDR-05c"),
    "an answer of success": (java().replace("response.sendError(403);", "response.setStatus(HttpServletResponse.SC_OK);"), "HDR-05c"),
    "an answer of success, by a helper": (
        STYLES["a reactive filter"].replace("HttpStatus.FORBIDDEN", "HttpStatus.OK"), "HDR-05c"
    ),
    "a viewer's header that is there": (
        (ELSE % "return refuse(exchange);").replace(
            "if (!exchange", 'if (exchange.getRequest().getHeaders().containsKey("X-Internal-Call") || !exchange'
        ),
        "HDR-05c",
    ),
    "a viewer's header that says so": (
        (ELSE % "return refuse(exchange);").replace(
            "if (!exchange", 'if ("true".equals(exchange.getRequest().getHeaders().getFirst("X-Internal-Call")) || !exchange'
        ),
        "HDR-05c",
    ),
    "a header, else a token, else neither": (ELSE % "return chain.filter(exchange);", "HDR-05c"),
    "a header, and on it goes without": (
        java().replace(
            "response.sendError(403);\n            return;\n        }",
            "verifier.note(request);\n        } else {\n            chain.doFilter(request, response);\n            return;\n        }",
        ),
        "HDR-05c",
    ),
    "no bean": (java().replace("@Component\n", ""), "HDR-05b"),
    "no check": ("@Component class Door { }", "HDR-03a"),
}  # fmt: skip

BEHIND = {
    "a default behind the property's own variable": {
        "door__src__main__resources__application_dot_yml": "shop:\n  proof: ${SHOP_PROOF:dev-proof}\n",
        "manifest": DEPLOYMENT.replace("name: VERIFY", "name: SHOP_PROOF"),
    },
}


@pytest.mark.parametrize("style", WRONG)
def test_mistakes_are_found(tmp_path: Path, style: str) -> None:
    """Each mistake fails the requirement that is named for it."""
    source, id = WRONG[style]
    assert outcomes(platform(tmp_path, source, **BEHIND.get(style, {}))).get(id) == "failed"


def test_a_mismatch_names_both_places(tmp_path: Path) -> None:
    """Terraform's line and Java's line, in one message."""
    said = messages(platform(tmp_path, java('"X-Gateway-Verify"')), "HDR-02")
    assert "CloudFront sends X-Origin-Verify, where X-Gateway-Verify is expected" in said
    assert "infra/main.tf:14" in said
    assert "door/src/main/java/Door.java:6" in said


def test_one_file_that_both_read_is_the_contract(tmp_path: Path) -> None:
    """Found without being stated: `yamldecode`, a local, a map; Spring's import of the same file; and the secret's name in it."""
    terraform = TERRAFORM.replace('"X-Origin-Verify"', 'local.contract["door"].name').replace(
        '"shop/verify"', "local.contract.door.secret"
    )
    terraform += '\nlocals {\n  contract = yamldecode(file("${path.module}/../contract/door.yaml"))\n}\n'
    found = platform(
        tmp_path,
        java("name", fields='@Value("${door.name}") String name; @Value("${VERIFY}") String secret;'),
        terraform=terraform,
        contract__door_dot_yaml="door:\n  name: X-Origin-Verify\n  secret: shop/verify\n  variable: VERIFY\n",
        door__pom_dot_xml="<project><build><resources><resource><directory>../contract</directory></resource></resources></build></project>",
        door__src__main__resources__application_dot_yaml='spring.config.import: "classpath:door.yaml"\n',
    )
    assert outcomes(found) == {}


@pytest.mark.parametrize(
    ("build", "imported", "expected"),
    [
        ("<targetPath>contract</targetPath>", "classpath:contract/door.yaml", None),
        ("<targetPath>other</targetPath>", "classpath:contract/door.yaml", "not judged"),
        ("", "optional:configserver:", "not judged"),
        ("", "classpath:contract/no-such.yaml", "failed"),
    ],
)
def test_where_the_build_puts_the_contract(tmp_path: Path, build: str, imported: str, expected: str | None) -> None:
    """`targetPath` is where below the class path; what a build that is not followed, or a store, may bring is not known."""
    found = platform(
        tmp_path,
        java("name", fields='@Value("${door.name}") String name; @Value("${VERIFY}") String secret;'),
        contract__door_dot_yaml="door:\n  name: X-Origin-Verify\n",
        door__pom_dot_xml=f"<project><build><resources><resource><directory>../contract</directory>{build}</resource></resources></build></project>",
        door__src__main__resources__application_dot_yaml=f'spring.config.import: "{imported}"\n',
    )
    assert outcomes(found).get("HDR-03a") == expected


def test_a_file_that_spring_hands_over_is_no_name(tmp_path: Path) -> None:
    """What the project's own Java reads from it is not followed, and not said to be its path."""
    source = java(
        "read(file)", fields='@Value("classpath:door.json") Resource file; @Value("${VERIFY}") String secret;'
    )
    found = outcomes(platform(tmp_path, source))
    assert (found.get("HDR-01a"), found.get("HDR-03a")) == (None, "not judged")


def test_a_root_variable_is_followed(tmp_path: Path) -> None:
    """The name is stated in a tfvars file, and in Java: two places, named by line."""
    found = platform(
        tmp_path,
        java(),
        terraform=TERRAFORM.replace('"X-Origin-Verify"', "local.headers.door", 1)
        + '\nlocals {\n  headers = { door = var.header }\n}\nvariable "header" {\n  type = string\n}\n',
        infra__terraform_dot_tfvars='# The header.\nheader = "X-Origin-Verify"\n',
    )
    assert outcomes(found) == LITERAL_TWICE
    assert "infra/terraform.tfvars:2" in messages(found, "HDR-01a")


def test_a_dynamic_block_is_followed_or_not_judged(tmp_path: Path) -> None:
    """Headers of a loop: whether they are evaluated or not, no false finding comes of it."""
    terraform = TERRAFORM.replace(
        '    custom_header {\n      name  = "X-Origin-Verify"\n      value = data.aws_secretsmanager_secret_version.verify.secret_string\n    }',
        '    dynamic "custom_header" {\n      for_each = ["X-Origin-Verify"]\n      content {\n        name  = custom_header.value\n'
        "        value = data.aws_secretsmanager_secret_version.verify.secret_string\n      }\n    }",
    )
    found = outcomes(platform(tmp_path, java(), terraform=terraform))
    assert found.get("HDR-02") in (None, "not judged")
    assert found.get("HDR-03a") in (None, "not judged")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"abcdefghijklmnop"', "failed"),
        ("var.verify", "not judged"),
        ("random_password.verify.result", "failed"),
        ('jsondecode(data.aws_secretsmanager_secret_version.verify.secret_string)["token"]', None),
        ("data.aws_ssm_parameter.verify.value", None),
        ("random_password.kept.result", None),
    ],
)
def test_values_of_the_header(tmp_path: Path, value: str, expected: str | None) -> None:
    """Plain text fails, a secret passes, what nobody knows is not judged."""
    terraform = TERRAFORM.replace("data.aws_secretsmanager_secret_version.verify.secret_string", value, 1)
    terraform += """
variable "verify" {
  type      = string
  sensitive = true
}
resource "random_password" "verify" {
  length = 32
}
resource "random_password" "kept" {
  length = 32
}
resource "aws_secretsmanager_secret" "kept" {
  name = "shop/kept"
}
resource "aws_secretsmanager_secret_version" "kept" {
  secret_id     = aws_secretsmanager_secret.kept.id
  secret_string = random_password.kept.result
}
data "aws_ssm_parameter" "verify" {
  name = "/shop/verify"
}
"""
    assert outcomes(platform(tmp_path, java(), terraform=terraform)).get("HDR-04a") == expected


def test_a_name_that_is_not_known_never_passes(tmp_path: Path) -> None:
    """A variable without a value: nothing is said of the names."""
    terraform = TERRAFORM.replace('"X-Origin-Verify"', "var.name", 1) + '\nvariable "name" {\n  type = string\n}\n'
    found = outcomes(platform(tmp_path, java(), terraform=terraform))
    assert {id: found.get(id) for id in ("HDR-01a", "HDR-02", "HDR-03a")} == dict.fromkeys(
        ("HDR-01a", "HDR-02", "HDR-03a"), "not judged"
    )


@pytest.mark.parametrize(
    ("found", "given"),
    [
        ("  enabled = true\n", "  enabled = true\n  count   = var.on ? 1 : 0\n"),
        ("  origin {\n", '  dynamic "origin" {\n    for_each = var.on\n    content {\n'),
    ],
)
def test_a_distribution_that_is_not_known_never_fails(tmp_path: Path, found: str, given: str) -> None:
    """Whether it is there, and what it has, depends on a variable without a value."""
    terraform = TERRAFORM.replace(found, given, 1)
    if "dynamic" in given:
        terraform = terraform.replace("  default_cache_behavior", "  }\n  default_cache_behavior", 1)
    found_outcomes = outcomes(platform(tmp_path, java(), terraform=terraform + '\nvariable "on" {\n}\n'))
    assert [id for id in ("HDR-01a", "HDR-02", "HDR-03a", "HDR-05a") if found_outcomes.get(id) == "failed"] == []


def test_an_operator_that_fills_the_secret_names_it(tmp_path: Path) -> None:
    """External Secrets: its remote key is the secret of AWS, and it must be the one that CloudFront's value is read from."""
    external = """---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: door, namespace: shop}
spec:
  target: {name: door}
  data: [{secretKey: verify, remoteRef: {key: shop/%s}}]
"""
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    assert "HDR-04d" not in outcomes(platform(right, java(), manifest=DEPLOYMENT + external % "verify"))
    assert outcomes(platform(wrong, java(), manifest=DEPLOYMENT + external % "other"))["HDR-04d"] == "failed"


def test_a_config_map_is_no_secret(tmp_path: Path) -> None:
    """A value in the manifest itself is read by whoever may read that."""
    manifest = DEPLOYMENT.replace("valueFrom: {secretKeyRef: {name: door, key: verify}}", "value: abcdefgh")
    assert outcomes(platform(tmp_path, java(), manifest=manifest))["HDR-04b"] == "failed"


def test_a_platform_without_java_or_without_cloudfront_is_not_judged(tmp_path: Path) -> None:
    """One end alone proves nothing, and fails nothing."""
    without_java, without_cloudfront = tmp_path / "a", tmp_path / "b"
    found = outcomes(platform(without_java, "", stated=STATED.replace('gateway = "door"', 'gateway = "no"')))
    assert set(found.values()) == {"not judged"}
    found = outcomes(platform(without_cloudfront, java(), terraform='resource "aws_sqs_queue" "q" {\n}\n'))
    assert set(found.values()) == {"not judged"}


def test_a_contract_that_is_stated_and_not_there_fails(tmp_path: Path) -> None:
    """What the owners promise has to be there."""
    stated = STATED + '[header]\ncontract = "contract.json"\nname = "header"\n'
    assert outcomes(platform(tmp_path, java(), stated=stated))["HDR-01a"] == "failed"
