"""Configuration: what it defines, where it leads, what it must not hold (clauses 3a, 8b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.configuration.config_keys import StatedKey
from policies.model.configuration.demanded import DemandedVariable
from policies.model.configuration.destinations import Inside, Outside
from policies.model.configuration.generated import Generated, GeneratedKey
from policies.model.configuration.services import Meaning
from policies.model.configuration.values import ConfigKey, ReleasedValue
from policies.model.overlays.pipelines import Validation
from policies.model.terraform.variable_references import VariableReference


@requirement("CFG-01", StatedKey, clause="3a", severity=HIGH, remedy="Define the key in the place's environment file.")
def test_stated_key_is_defined(key):
    """A key that is not defined, or has no value, leaves each program with a default of its own, or with nothing."""
    assert key.defined, key.evidence(
        "no configuration file of {} defines {}, which {} states", key.place.name, key.name, key.key
    )
    assert not key.empty, key.blame_empty("{}, which {} states, is defined with no value", key.name, key.key)


@requirement(
    "CFG-03a",
    VariableReference,
    clause="+",
    severity=HIGH,
    remedy="Define the variable above its use, or write $$(NAME) for the text itself.",
)
def test_referenced_variable_is_defined(reference):
    """Kubernetes leaves a reference that it cannot resolve as it is: the program gets the text $(NAME)."""
    if not reference.defined and not reference.below and reference.missing:
        not_judged(f"{reference.name} may be in {', '.join(reference.missing)}, which is not here")
    problem = "is defined below it, and is seen only above" if reference.below else "is not defined"
    assert reference.defined, reference.evidence("$({}) {} in {}", reference.name, problem, reference.container.name)


@requirement(
    "CFG-03b",
    Generated,
    clause="+",
    severity=LOW,
    remedy="Take it by envFrom, valueFrom or a volume, or delete the generator.",
)
def test_generated_object_is_used(generated):
    """A ConfigMap that nobody uses is changed, reviewed and deployed to no effect."""
    if not generated.used and generated.excuse:
        not_judged(generated.excuse)
    assert generated.used, generated.evidence("nothing uses {}", generated.document.origin.source_name)


@requirement("CFG-03c", GeneratedKey, clause="+", severity=LOW, remedy="Give the key to who needs it, or delete it.")
def test_defined_key_is_read(key):
    """A key that nobody reads looks as if it did something: whoever changes it waits for an effect."""
    assert key.read, key.evidence("no workload takes {} of {}", key.name, key.document.origin.source_name)


@requirement(
    "CFG-03d",
    DemandedVariable,
    clause="+",
    severity=HIGH,
    remedy="Give the container the variable (env, envFrom), or write a default: ${NAME:default}.",
)
def test_demanded_variable_is_given(variable):
    """A program whose settings name a variable that nobody gives does not start, or takes the text ${NAME} for its value."""
    if not variable.given and variable.doubt:
        not_judged(variable.doubt)
    assert variable.given, variable.evidence(
        "{} demands {}, and nothing gives it to {}", variable.demanded[0].source, variable.name, variable.container.name
    )


@requirement("CFG-04a", Inside, clause="+", severity=HIGH, remedy="Write the name of a Service that the place has.")
def test_host_is_a_service(address):
    """A name that is no Service is looked up in vain, at the first call and not at the deployment."""
    if address.target.meaning is Meaning.UNKNOWN:
        not_judged(address.target.reason)
    assert address.target.meaning is not Meaning.ABSENT, address.evidence(
        "{} leads to {}, and {}", address.setting.name, address.address, address.target.reason
    )


@requirement(
    "CFG-04b",
    Inside,
    clause="+",
    severity=HIGH,
    remedy="Write a port of the Service; of a headless one, a port of its pods.",
)
def test_port_is_served(address):
    """A Service drops what comes to a port that it has not: the caller waits until its time is over."""
    target, port = address.target, address.address.port
    if target.meaning in (Meaning.ABSENT, Meaning.UNKNOWN):
        not_judged(f"{target.reason} (CFG-04a)")
    if port is None or target.ports is None:
        not_judged(
            f"{address.setting.name} names no port"
            if port is None
            else f"which ports {address.address.host} serves is not known"
        )
    assert port in target.ports, address.evidence(
        "{} leads to {}, which serves {}", address.setting.name, address.address, _listed(target.ports)
    )


@requirement(
    "CFG-04c",
    Outside,
    clause="+",
    severity=MEDIUM,
    remedy="State the host, its networks and ports as [[external]], or write the name of a Service.",
)
def test_host_outside_is_stated(address):
    """What is not stated cannot be allowed by a network policy, and nobody knows whom the platform depends on."""
    if not address.stated:
        not_judged("platform.toml states no host outside: [[external]]")
    stated = address.target.meaning is Meaning.EXTERNAL
    assert stated, address.evidence(
        "{} leads to {}, which is neither a Service nor stated as [[external]]", address.setting.name, address.address
    )


@requirement(
    "CFG-04d", Outside, clause="+", severity=MEDIUM, remedy="Write the port that is stated, or state the port."
)
def test_port_outside_is_stated(address):
    """A policy that is made from what is stated lets the call out on other ports than this."""
    target, port = address.target, address.address.port
    if target.meaning is not Meaning.EXTERNAL:
        not_judged(f"{address.address} is not stated as [[external]] (CFG-04c)")
    if port is None or target.ports is None:
        not_judged("no port is written" if port is None else "platform.toml states no ports of it: [[external]] ports")
    assert port in target.ports, address.evidence(
        "{} leads to {}, and [[external]] states {}", address.setting.name, address.address, _listed(target.ports)
    )


@requirement("CFG-05", ReleasedValue, clause="+", severity=HIGH, remedy="Fill the value in.")
def test_released_value_is_filled_in(value):
    """A placeholder is a valid value to whoever reads it: the release starts, and calls or shows what nobody meant."""
    assert value.placeholder is None, value.evidence(
        "the value of {} is a placeholder: {}", value.name, value.placeholder
    )


@requirement(
    "CFG-06",
    ConfigKey,
    clause="+",
    severity=HIGH,
    in_development=MEDIUM,
    remedy="Move it to the file that the Secret is made from, which git ignores; replace it.",
)
def test_config_file_holds_no_secret(key):
    """A configuration file is committed, and a ConfigMap is shown to everybody who may look at the namespace."""
    assert key.literal is None, key.evidence("{} is {}", key.declaration.key, key.literal)


@requirement(
    "CFG-07a",
    Validation,
    clause="8b",
    severity=MEDIUM,
    remedy="Ship a script that checks the environment files and fails, or use Turnstile.",
)
def test_validation_is_shipped(validation):
    """What is checked by looking is overlooked: the key that stood twice had been reviewed."""
    if not validation.scripts and not validation.run_in and validation.elsewhere:
        not_judged(validation.elsewhere)
    shipped = validation.scripts or validation.run_in
    assert shipped, validation.blame_files("no script of the platform checks {}", ", ".join(validation.files))


@requirement(
    "CFG-07b",
    Validation,
    clause="8b",
    severity=MEDIUM,
    remedy="Run it in a workflow on every pull request, so that its failure stops the change.",
)
def test_validation_is_run_in_the_pipeline(validation):
    """A check that is run by hand is not run before the change that needs it."""
    if not validation.run_in and validation.elsewhere:
        not_judged(validation.elsewhere)
    where = ", ".join(validation.pipelines) if validation.pipelines else "no pipeline at all"
    assert validation.run_in, validation.evidence(
        "no step that can fail runs a validation of {}: {}", ", ".join(validation.files), where
    )


def _listed(ports):
    return ", ".join(map(str, sorted(ports))) or "no port"
