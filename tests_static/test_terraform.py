"""Terraform: what roots assemble, modules, references (clauses 4.2a, 6c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.terraform.arguments import Call, DeclaredLocals, DeclaredVariables, GivenValues, TerraformFile
from policies.model.terraform.assembly import EvaluatedRoot, StatedModule
from policies.model.terraform.module_references import ModuleReferences, OutputReferences
from policies.model.terraform.modules import Module, ModuleOutput, ModuleVariable
from policies.model.terraform.references import LocalReferences, ResourceReferences, VariableReferences
from policies.model.terraform.versions import ModuleCall, UsedProvider, VersionedFolder

# What the root assembles


@requirement(
    "TF-01a",
    StatedModule,
    clause="4.2a",
    severity=HIGH,
    remedy="Add the module call, or take its name out of [terraform.NAME] modules.",
)
def test_root_calls_each_stated_module(module):
    """What the root does not call is not deployed, however good the module."""
    assert module.declared is not None, module.evidence(
        "there is no module call {!r}, which {} states", module.name, module.key
    )


@requirement(
    "TF-01b",
    StatedModule,
    clause="4.2a",
    severity=HIGH,
    remedy="Take the count away, or the condition that makes it 0.",
)
def test_stated_module_comes_to_something(module):
    """A call whose count is 0 stands in the file and makes nothing."""
    if module.declared is None:
        not_judged("there is no such module call (TF-01a)")
    if module.is_remote:
        not_judged("its source is not in the platform, and nothing is fetched")
    assert module.brings, module.evidence("the module {} comes to no resource", module.name)


# Modules


@requirement("TF-02a", ModuleVariable, clause="6c", severity=LOW, remedy="Give the variable a type.")
def test_variable_of_module_is_typed(variable):
    """Without a type a wrong value gets as far as AWS, and comes back as an error of a resource."""
    assert variable.is_typed, variable.evidence("the variable {} has no type", variable.name)


@requirement("TF-02b", ModuleVariable, clause="6c", severity=LOW, remedy="Say in its description what it is for.")
def test_variable_of_module_is_described(variable):
    """Who uses a module reads its variables, not its resources."""
    assert variable.is_described, variable.evidence("the variable {} has no description", variable.name)


@requirement("TF-02c", ModuleOutput, clause="6c", severity=LOW, remedy="Say in its description what it is.")
def test_output_of_module_is_described(output):
    """An output is a promise to every root; without a description nobody knows what is promised."""
    assert output.is_described, output.evidence("the output {} has no description", output.name)


@requirement(
    "TF-02d",
    Module,
    clause="6c",
    severity=MEDIUM,
    remedy="Take it as a variable; the root knows which environment it is.",
)
def test_module_knows_no_environment(module):
    """A module that knows an environment cannot make another. Which environments there are, the folders of the platform's own roots say."""
    if not module.environments:
        not_judged("no root's folder says that it is an environment")
    found = module.known_environments
    assert not found, module.blame(
        [place for place, _ in found], "it names {}", ", ".join(dict.fromkeys(name for _, name in found))
    )


@requirement(
    "TF-02e",
    VersionedFolder,
    clause="6c",
    severity=LOW,
    remedy='Set required_version, as ">= 1.9.0, < 2.0.0".',
)
def test_version_of_terraform_is_constrained(folder):
    """A newer Terraform writes a state that the older one cannot read any more: whoever is first decides for all."""
    assert folder.required_version, folder.evidence("{} has no required_version", folder.path)


@requirement(
    "TF-02f",
    UsedProvider,
    clause="6c",
    severity=MEDIUM,
    remedy="Name its source and a version in required_providers.",
)
def test_version_of_provider_is_constrained(provider):
    """A provider's next major version changes defaults and takes arguments away: without a constraint it comes with the next init."""
    assert provider.version, provider.evidence(
        "{} asks for no version of the provider {}", provider.folder.path, provider.name
    )


@requirement(
    "TF-02g",
    ModuleCall,
    clause="6c",
    severity=HIGH,
    remedy="Name a version of the registry's module, or ?ref= with a tag or a commit.",
)
def test_module_that_is_fetched_has_a_version(call):
    """A module without a version is whatever its author has pushed by the next init, run with the rights of the pipeline."""
    assert call.is_pinned, call.evidence("{} is taken in whatever version there is", call.source)


@requirement(
    "TF-02h",
    Module,
    clause="6c",
    severity=MEDIUM,
    remedy="Take what it needs as a variable, or bring it along in the module's folder.",
)
def test_module_reaches_nothing_outside_itself(module):
    """A module that reads beside its own folder works in one repository, at one place of it. Roots, which assemble modules, may."""
    found = module.reaches
    assert not found, module.blame(
        [place for place, _ in found], "it reaches {}", ", ".join(dict.fromkeys(path for _, path in found))
    )


# Nothing dangles


@requirement("TF-03a", TerraformFile, clause="+", severity=HIGH, remedy="Keep one declaration.")
def test_file_of_terraform_declares_nothing_again(file):
    """Terraform refuses a folder that declares a thing twice, whichever file it stands in."""
    assert not file.repeated, file.evidence("{}", "; ".join(text for _, _, text in file.repeated))


@requirement(
    "TF-03b",
    EvaluatedRoot,
    clause="+",
    severity=HIGH,
    remedy="Put right what is named; 'terraform validate' shows the same.",
)
def test_root_evaluates(root):
    """What cannot be evaluated cannot be planned, and what is in it cannot be judged."""
    assert not root.problems, root.evidence("{}", "; ".join(root.problems))


@requirement(
    "TF-03c",
    VariableReferences,
    clause="+",
    severity=HIGH,
    remedy="Declare the variable, or name the one that is meant.",
)
def test_variable_is_declared(references):
    """Terraform refuses a variable that is not declared, in a module as in a root."""
    assert not references.missing, references.evidence(
        "{} is not declared in {}", _listed(references), references.folder.path
    )


@requirement(
    "TF-03d",
    LocalReferences,
    clause="+",
    severity=HIGH,
    remedy="Declare the local value, or name the one that is meant.",
)
def test_local_value_is_declared(references):
    """Terraform refuses a local value that is not declared."""
    assert not references.missing, references.evidence(
        "{} is not declared in {}", _listed(references), references.folder.path
    )


@requirement(
    "TF-03e", ResourceReferences, clause="+", severity=HIGH, remedy="Add the resource, or name the one that is meant."
)
def test_resource_is_there(references):
    """Terraform refuses a reference to a resource that the folder does not declare; a module sees its own alone."""
    assert not references.missing, references.evidence(
        "there is no {} in {}", _listed(references), references.folder.path
    )


@requirement(
    "TF-03f", ModuleReferences, clause="+", severity=HIGH, remedy="Add the module call, or name the one that is meant."
)
def test_module_is_called(references):
    """Terraform refuses a reference to a module that the folder does not call."""
    assert not references.missing, references.evidence(
        "there is no {} in {}", _listed(references), references.folder.path
    )


@requirement(
    "TF-03g",
    OutputReferences,
    clause="+",
    severity=HIGH,
    remedy="Add the output to the module, or name the one that is meant.",
)
def test_output_is_there(references):
    """Terraform refuses an output that the module does not have."""
    assert not references.missing, references.evidence("{} is no output of the module", _listed(references))


def _listed(references):
    return ", ".join(references.missing)


@requirement(
    "TF-03h", Call, clause="+", severity=HIGH, remedy="Take the argument out, or declare the variable in the module."
)
def test_argument_is_declared_by_its_module(call):
    """Terraform refuses an argument that the module declares no variable for: a misspelt one leaves the real one at its default."""
    found = call.unknown_arguments
    assert not found, call.blame_arguments(found, "the module {} has no variable {}", call.name, ", ".join(found))


@requirement("TF-03i", Call, clause="+", severity=HIGH, remedy="Give each variable without a default a value.")
def test_module_is_given_what_it_needs(call):
    """Terraform refuses a call that leaves out a variable without a default."""
    found = call.missing_arguments
    assert not found, call.blame_variables(found, "the module {} is not given {}", call.name, ", ".join(found))


@requirement(
    "TF-03j",
    GivenValues,
    clause="+",
    severity=MEDIUM,
    remedy="Take the value out, or declare the variable that is meant.",
)
def test_given_value_has_its_variable(values):
    """Terraform only warns of a value without a variable: a misspelt one leaves the real one at its default."""
    assert not values.missing, values.evidence("{} has no variable {}", values.folder.path, _listed(values))


@requirement("TF-03k", DeclaredVariables, clause="+", severity=LOW, remedy="Take the variable out, or use it.")
def test_variable_is_used(variables):
    """A variable that nothing takes is set with care, and does nothing."""
    assert not variables.missing, variables.evidence("nothing takes {}", _listed(variables))


@requirement("TF-03l", DeclaredLocals, clause="+", severity=LOW, remedy="Take the local value out, or use it.")
def test_local_value_is_used(values):
    """A value that nothing takes misleads whoever changes it."""
    assert not values.missing, values.evidence("nothing takes {}", _listed(values))
