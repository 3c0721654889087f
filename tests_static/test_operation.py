"""What a release brings for operation (clauses 1.3a to 1.3e, 6a, 6b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.secrets.leftovers import CookieSetting, Mode, ReleasedAddress, TracingRate
from policies.model.servers.broker_settings import ReleasedFactor, ReleasedMinimumIsr
from policies.model.servers.brokers import LOGS, ReleasedBrokers
from policies.model.servers.caches import LEAST_MASTERS, Nodes
from policies.model.servers.clustering import ClusterCommand
from policies.model.servers.elections import UncleanElection
from policies.model.servers.listeners import ReleasedAdvertised
from policies.model.servers.memory import amount, limited
from policies.model.servers.passwords import asks, clients, hidden, is_given, rules
from policies.model.servers.quorum import BrokerList, Voters
from policies.model.workloads.disruption import DisruptionBudget, StatedCore
from policies.model.workloads.infrastructure import ReleasedInfrastructure, ReleasedService, ReleaseOverlay
from policies.model.workloads.running import CountedWorkload
from policies.model.workloads.scaling import Autoscaler, FileAutoscaler, ReleasedAutoscaler, StatedScaling

# On top of the base, and nothing of development


@requirement(
    "PROD-01a",
    ReleasedInfrastructure,
    clause="1.3a, 6a",
    severity=HIGH,
    remedy="Add its manifests to the overlay, or take it out of [overlays.NAME] infrastructure.",
)
def test_release_brings_its_infrastructure(infrastructure):
    """A release that lacks what its services keep their state in starts, and fails at the first request."""
    assert infrastructure.workload is not None, infrastructure.evidence(
        "there is no workload {!r}, which {} states", infrastructure.name, infrastructure.key
    )


@requirement(
    "PROD-01b",
    ReleaseOverlay,
    clause="1.3a, 6a",
    severity=HIGH,
    remedy="Name the base's folder in the overlay's resources.",
)
def test_release_stands_on_the_base(overlay):
    """An overlay with services of its own drifts from the base, and is not what development has tried."""
    assert overlay.base in overlay.made_from, overlay.evidence("it is not made from the base ({})", overlay.base)


@requirement(
    "PROD-01c",
    ReleasedService,
    clause="1.3a, 6a",
    severity=HIGH,
    remedy="Make it a ClusterIP, or state the Service in [overlays.NAME] exposed.",
)
def test_release_has_no_unstated_node_port(service):
    """A NodePort opens on every node, past the load balancer and what it checks."""
    if service.type != "NodePort":
        return
    if service.stated is None:
        not_judged(f"platform.toml does not state what may be reached from outside: {service.key}")
    assert service.stated, service.evidence(
        "the Service {!r} is a NodePort, and {} does not name it", service.service.name, service.key
    )


@requirement("PROD-01d", TracingRate, clause="1.3a, 6a", severity=LOW, remedy="Keep a share of the traces, as 0.05.")
def test_release_traces_a_share(rate):
    """At 100 % every request pays for its trace, and the store of traces fails first when a sale opens."""
    _known(rate)
    assert not rate.is_everything, rate.evidence("{} is {}: every trace is kept", rate.name, rate.value)


@requirement("PROD-01e", CookieSetting, clause="1.3a, 6a", severity=HIGH, remedy="Make the release's cookies secure.")
def test_release_has_secure_cookies(cookie):
    """A cookie that goes over plain HTTP too can be read and set by everybody on the way."""
    _known(cookie)
    assert not cookie.is_insecure, cookie.evidence("{} is {}", cookie.name, cookie.value)


@requirement(
    "PROD-01f", ReleasedAddress, clause="1.3a, 6a", severity=HIGH, remedy="Write the address that the release has."
)
def test_release_names_no_local_address(address):
    """An origin on localhost lets in any page on a visitor's machine; a server on localhost is the pod itself, where nobody answers."""
    if address.local and not address.setting.readers:
        not_judged("no container reads it (CFG-03b, CFG-03c)")
    assert not address.local or address.excused, address.evidence("{} names {}", address.name, ", ".join(address.local))


@requirement(
    "PROD-01g", Mode, clause="1.3a, 6a", severity=HIGH, remedy="Set the release's own profile; switch debugging off."
)
def test_release_runs_in_no_mode_of_development(mode):
    """A profile for development switches checks off and stack traces on; a debugger that listens runs what it is sent."""
    assert not mode.is_for_developers, mode.evidence("{} is {!r}", mode.name, mode.value)


@requirement(
    "PROD-01h",
    CountedWorkload,
    clause="1.3a, 6a",
    severity=MEDIUM,
    remedy="Run one pod at least, or take the workload out of the release.",
)
def test_released_workload_runs(workload):
    """A workload of no pods is in every list of what is deployed, and answers nobody (`replicas: 0`)."""
    if not workload.is_known:
        not_judged("how many pods it states is no number that is known")
    assert not workload.none, workload.evidence(
        "{} states 0 replicas, and nothing that scales names it", workload.document
    )


# Autoscalers


@requirement(
    "PROD-02a",
    StatedScaling,
    clause="1.3b",
    severity=HIGH,
    remedy="Add a HorizontalPodAutoscaler whose scaleTargetRef names the workload.",
)
def test_stated_workload_scales(workload):
    """What does not scale by itself is scaled by hand, after the sale has opened."""
    assert workload.workload is not None, workload.evidence(
        "there is no workload {!r}, which {} states", workload.name, workload.key
    )
    assert workload.scalers, workload.evidence("no HorizontalPodAutoscaler scales {!r}", workload.name)


@requirement("PROD-02b", ReleasedAutoscaler, clause="1.3b", severity=HIGH, remedy="Set minReplicas to 2 or more.")
def test_autoscaler_keeps_two(scaler):
    """With one replica every drain and every crash is an outage."""
    _number(scaler.minimum, "minReplicas")
    assert scaler.minimum >= 2, scaler.blame("minReplicas", "it keeps {} replica at least", scaler.minimum)


@requirement(
    "PROD-02c",
    Autoscaler,
    clause="1.3b",
    severity=HIGH,
    in_development=LOW,
    remedy="Set maxReplicas above minReplicas.",
)
def test_autoscaler_has_room(scaler):
    """An autoscaler whose bounds meet scales nothing."""
    _number(scaler.minimum, "minReplicas")
    _number(scaler.maximum, "maxReplicas")
    assert scaler.maximum > scaler.minimum, scaler.blame(
        "maxReplicas", "it has at least {} replicas and at most {}", scaler.minimum, scaler.maximum
    )


@requirement(
    "PROD-02d",
    Autoscaler,
    clause="1.3b",
    severity=HIGH,
    in_development=LOW,
    remedy="Set the request in every container of the pod.",
)
def test_measured_requests_are_set(scaler):
    """What one container of the pod lacks a request for has no share, and a container that is not there no use: the autoscaler then does nothing."""
    _has_target(scaler)
    assert not scaler.unset, scaler.blame_requests()
    if scaler.absent and scaler.injected:
        not_judged(f"whether a container {scaler.absent[0]!r} is put into its pods when they start is not known")
    assert not scaler.absent, scaler.blame_absent()


@requirement(
    "PROD-02e",
    FileAutoscaler,
    clause="1.3b",
    severity=HIGH,
    in_development=LOW,
    remedy="Take replicas out of the workload's manifests, patches and kustomize's replicas.",
)
def test_no_count_fights_the_autoscaler(scaler):
    """Every apply sets the count of the manifest again: in the middle of a sale it takes away what the autoscaler has added."""
    _has_target(scaler)
    count = scaler.target.get("spec", "replicas")
    assert count is None, scaler.blame_target(
        "{} states {} replicas, and {} counts them", scaler.target, count, scaler.document
    )


@requirement(
    "PROD-02f",
    Autoscaler,
    clause="1.3b",
    severity=MEDIUM,
    in_development=LOW,
    remedy="State the metrics that it goes by.",
)
def test_autoscaler_states_its_metrics(scaler):
    """Without metrics the API's default holds, 80 % of the CPU requests, which nobody has chosen."""
    assert scaler.has_metrics, scaler.blame("metrics", "it states no metrics")


@requirement(
    "PROD-02g",
    Autoscaler,
    clause="1.3b",
    severity=HIGH,
    in_development=LOW,
    remedy="Put the metrics of all into one autoscaler: it goes by the one that asks for most.",
)
def test_workload_has_one_autoscaler(scaler):
    """Kubernetes scales by none of two autoscalers with the same pods (the condition AmbiguousSelector of `autoscaling/v2`)."""
    _has_target(scaler)
    assert not scaler.others, scaler.evidence(
        "{} is scaled by {} too", scaler.target, ", ".join(map(str, scaler.others))
    )


# Budgets for drains


@requirement(
    "PROD-03a",
    StatedCore,
    clause="1.3c",
    severity=HIGH,
    remedy="Add a PodDisruptionBudget whose selector selects the workload's pods.",
)
def test_core_workload_has_a_budget(workload):
    """Without a budget a drain of two nodes may take every pod of a service at once."""
    assert workload.workload is not None, workload.evidence(
        "there is no workload {!r}, which {} states", workload.name, workload.key
    )
    assert workload.budgets, workload.evidence("no PodDisruptionBudget selects the pods of {!r}", workload.name)


@requirement("PROD-03b", DisruptionBudget, clause="1.3c", severity=HIGH, remedy="Let one pod go: maxUnavailable: 1.")
def test_budget_lets_one_go(budget):
    """A budget that lets none go blocks every drain: nodes are then neither upgraded nor replaced."""
    _countable(budget)
    assert budget.allowed >= 1, budget.evidence(
        "{} {} of {} pods lets none go",
        budget.field or "neither maxUnavailable nor minAvailable",
        budget.stated,
        budget.pods,
    )


@requirement(
    "PROD-03c", DisruptionBudget, clause="1.3c", severity=HIGH, remedy="Keep one pod at least; run two or more."
)
def test_budget_keeps_one(budget):
    """A budget that lets all go at once protects nothing."""
    _countable(budget)
    assert budget.pods == 0 or budget.allowed < budget.pods, budget.evidence(
        "{} {} of {} pods lets all go", budget.field, budget.stated, budget.pods
    )


@requirement("PROD-03d", DisruptionBudget, clause="1.3c", severity=HIGH, remedy="Keep one budget for each pod.")
def test_pods_have_one_budget(budget):
    """The eviction API refuses a pod that two budgets select, so that its node cannot be drained."""
    assert not budget.others, budget.evidence("{} selects some of the same pods", ", ".join(budget.others))


# Kafka


@requirement(
    "PROD-04a",
    ReleasedBrokers,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="Make it a StatefulSet with as many replicas as are stated.",
)
def test_brokers_are_as_many_as_stated(brokers):
    """Fewer brokers than the replication factor keep fewer copies; more stand idle until partitions are moved to them."""
    _there(brokers)
    assert brokers.workload.kind == "StatefulSet", brokers.evidence(
        "{} is no StatefulSet: its pods keep neither name nor storage", brokers.workload
    )
    _number(brokers.replicas, "replicas")
    assert brokers.replicas == brokers.stated.brokers, brokers.evidence(
        "{} has {} brokers, and {} states {}", brokers.workload, brokers.replicas, brokers.key, brokers.stated.brokers
    )


@requirement(
    "PROD-04b", ReleasedFactor, clause="1.3d, 6b", severity=HIGH, remedy="Set it to the stated replication factor."
)
def test_replication_factor_is_as_stated(setting):
    """The smallest factor decides what survives: consumer offsets that were kept once are gone with one broker."""
    _matches(setting, setting.brokers.stated.replication_factor, "replication-factor")


@requirement(
    "PROD-04c",
    ReleasedMinimumIsr,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="Set it to the stated number of replicas in sync.",
)
def test_min_isr_is_as_stated(setting):
    """With a lower number a message counts as written that one broker alone has, and is lost with it."""
    _matches(setting, setting.brokers.stated.min_insync_replicas, "min-insync-replicas")


@requirement(
    "PROD-04d",
    Voters,
    clause="1.3d, 6b",
    severity=CRITICAL,
    remedy="List every broker of the StatefulSet once: id@pod.service:port.",
)
def test_quorum_voters_are_the_brokers(voters):
    """A voter that does not exist counts against the majority all the same: with one more failure there is no controller."""
    if voters.unknown:
        not_judged(voters.unknown)
    assert voters.fault is None, voters.evidence("{}: {}", voters.setting.name, voters.fault)


@requirement(
    "PROD-04e",
    BrokerList,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="List every broker, or name the Service that selects them.",
)
def test_bootstrap_servers_are_the_brokers(servers):
    """A client that knows two of three brokers does not start while these two are down; one that knows a wrong name waits for it."""
    if servers.unknown:
        not_judged(servers.unknown)
    assert servers.fault is None, servers.evidence("{}: {}", servers.setting.name, servers.fault)


@requirement(
    "PROD-04f",
    ReleasedBrokers,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="Require podAntiAffinity by kubernetes.io/hostname.",
)
def test_brokers_are_spread_over_nodes(brokers):
    """Two brokers on one node fail together, and with them the copies that were to survive."""
    _there(brokers, "PROD-04a")
    if brokers.stated.brokers == 1:
        not_judged("one broker cannot be spread")
    assert brokers.is_spread, brokers.blame_spread("nothing keeps two pods of {} from one node", brokers.workload)


@requirement(
    "PROD-04g",
    ReleasedBrokers,
    clause="1.3d, 6b",
    severity=CRITICAL,
    remedy="Mount a volumeClaimTemplate where log.dirs leads.",
)
def test_brokers_keep_their_log(brokers):
    """A broker that starts empty copies everything again, and all brokers that start empty have lost it."""
    _there(brokers, "PROD-04a")
    _settled(brokers, *LOGS)
    assert not brokers.fleeting, brokers.blame_log(
        "{} of {} is on no claim of the pod's own", ", ".join(brokers.fleeting), brokers.workload
    )


@requirement(
    "PROD-04h",
    ReleasedBrokers,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="Add a PodDisruptionBudget with maxUnavailable: replication factor - min ISR.",
)
def test_drains_keep_replicas_in_sync(brokers):
    """A drain that takes more brokers than the topics can spare stops every write."""
    _there(brokers, "PROD-04a")
    assert brokers.budgets, brokers.blame_budget("no PodDisruptionBudget selects the pods of {}", brokers.workload)
    allowed = brokers.budgets[0].allowed
    _number(allowed, f"what {brokers.budgets[0].document} allows")
    spare = brokers.stated.replication_factor - brokers.stated.min_insync_replicas
    assert allowed <= spare, brokers.blame_budget(
        "{} lets {} of {} brokers go, and {} can be spared",
        brokers.budgets[0].document,
        allowed,
        brokers.replicas,
        spare,
    )


@requirement(
    "PROD-04i", ReleasedMinimumIsr, clause="1.3d, 6b", severity=HIGH, remedy="Set it below the replication factor."
)
def test_min_isr_leaves_room(setting):
    """Where every replica must have a message, one broker that is down stops every write."""
    _number(setting.number, setting.name)
    factor = setting.brokers.stated.replication_factor
    assert setting.number < factor, setting.evidence("{}, and each message is kept {} times", setting.shown, factor)


@requirement(
    "PROD-04j",
    ReleasedAdvertised,
    clause="1.3d, 6b",
    severity=CRITICAL,
    remedy="Advertise each broker's own name: NAME://pod.service:port.",
)
def test_clients_are_not_sent_to_themselves(advertised):
    """A broker tells its clients where to go on: one that is told localhost goes to its own pod (Kafka, advertised.listeners)."""
    if advertised.unknown:
        not_judged(advertised.unknown)
    assert not advertised.misleading, advertised.evidence(
        "{} sends clients to themselves: {}", advertised.setting.name, ", ".join(map(str, advertised.misleading))
    )


@requirement(
    "PROD-04k",
    UncleanElection,
    clause="1.3d, 6b",
    severity=HIGH,
    remedy="Leave unclean.leader.election.enable at false.",
)
def test_only_replicas_in_sync_lead(election):
    """A replica that lacks messages throws them away for all when it leads, however many had to have them (Kafka, unclean.leader.election.enable)."""
    if election.value not in ("true", "false"):
        not_judged(f"the value of {election.setting.name} is not known: {election.setting.value}")
    assert election.value == "false", election.evidence("{}", election.shown)


# Redis


@requirement(
    "PROD-05a",
    Nodes,
    clause="1.3e, 6b",
    severity=HIGH,
    remedy="Make it a StatefulSet with as many replicas as are stated.",
)
def test_nodes_are_as_many_as_stated(nodes):
    """A node that is missing is a master without its replica, or a replica without its master."""
    _there(nodes)
    assert nodes.workload.kind == "StatefulSet", nodes.evidence(
        "{} is no StatefulSet: its pods keep neither name nor storage", nodes.workload
    )
    _number(nodes.replicas, "replicas")
    assert nodes.replicas == nodes.stated.nodes, nodes.evidence(
        "{} has {} nodes, and {} states {}", nodes.workload, nodes.replicas, nodes.key, nodes.stated.nodes
    )


@requirement("PROD-05b", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Run masters x (1 + cluster replicas) nodes.")
def test_every_master_has_its_replicas(nodes):
    """Nodes that do not come out even leave a master with fewer replicas than the others."""
    _there(nodes, "PROD-05a")
    _number(nodes.replicas, "replicas")
    group = 1 + nodes.stated.cluster_replicas
    assert nodes.replicas % group == 0, nodes.evidence(
        "{} nodes are not masters with {} replicas each", nodes.replicas, nodes.stated.cluster_replicas
    )


@requirement(
    "PROD-05c",
    ClusterCommand,
    clause="1.3e, 6b",
    severity=HIGH,
    remedy="Give the command the stated --cluster-replicas.",
)
def test_cluster_is_made_with_its_replicas(command):
    """The command decides how many copies there are: with 0 all six nodes are masters, and any that fails takes its slots along."""
    if command.replicas is None or not command.replicas.isdecimal():
        not_judged("the value of --cluster-replicas is not known")
    stated = command.owner.stated.cluster_replicas
    assert int(command.replicas) == stated, command.evidence(
        "it gives each master {} replicas, and {} states {}", command.replicas, command.owner.key, stated
    )


@requirement(
    "PROD-05d", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Require podAntiAffinity by kubernetes.io/hostname."
)
def test_nodes_are_spread_over_nodes(nodes):
    """A master and its replica on one node fail together, and their part of the keys is gone."""
    _there(nodes, "PROD-05a")
    if nodes.stated.nodes == 1:
        not_judged("one node cannot be spread")
    assert nodes.is_spread, nodes.blame_spread("nothing keeps two pods of {} from one node", nodes.workload)


@requirement("PROD-05e", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Mount a volumeClaimTemplate where dir leads.")
def test_nodes_keep_their_data(nodes):
    """A node that starts empty has forgotten its slots (nodes.conf) as well as its keys."""
    _there(nodes, "PROD-05a")
    _settled(nodes, "dir")
    assert nodes.fleeting is None, nodes.blame_folder(
        "{} of {} is on no claim of the pod's own", nodes.fleeting, nodes.workload
    )


@requirement("PROD-05f", Nodes, clause="1.3e, 6b", severity=MEDIUM, remedy="Set appendonly yes.")
def test_nodes_write_their_log(nodes):
    """Without the append-only log a restart loses every write since the last snapshot."""
    _switched_on(nodes, "appendonly")


@requirement("PROD-05g", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Run three masters at least.")
def test_masters_can_elect(nodes):
    """A new master is elected by the majority of masters: with two there is none when one is gone."""
    _there(nodes, "PROD-05a")
    _number(nodes.replicas, "replicas")
    masters = nodes.replicas // (1 + nodes.stated.cluster_replicas)
    assert masters >= LEAST_MASTERS, nodes.evidence(
        "{} nodes with {} replicas for each master are {} masters",
        nodes.replicas,
        nodes.stated.cluster_replicas,
        masters,
    )


@requirement("PROD-05h", ClusterCommand, clause="1.3e, 6b", severity=HIGH, remedy="Name every node of the StatefulSet.")
def test_cluster_is_made_of_every_node(command):
    """A node that the command does not name runs, is ready, and has no keys."""
    _there(command.owner, "PROD-05a")
    if command.nodes is None:
        not_judged("which nodes the command names is worked out when it runs")
    replicas = command.owner.replicas
    assert command.nodes == replicas, command.evidence(
        "it names {} nodes, and {} has {}", command.nodes, command.owner.workload, replicas
    )


@requirement("PROD-05i", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Set cluster-enabled yes.")
def test_nodes_are_a_cluster(nodes):
    """A node without cluster-enabled refuses to join, and keeps keys of its own."""
    _switched_on(nodes, "cluster_enabled")


@requirement(
    "PROD-05j", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Set masterauth to the same password as requirepass."
)
def test_replicas_give_the_password(nodes):
    """A replica without masterauth is turned away by a master that asks for a password, and never has a copy (Redis, replication)."""
    _there(nodes, "PROD-05a")
    if nodes.stated.cluster_replicas == 0:
        not_judged("there is no replica")
    if not asks(nodes):
        not_judged(f"no requirepass is found for {nodes.workload}")
    given = is_given(nodes)
    if not given and hidden(nodes):
        not_judged(f"no masterauth is found, and {hidden(nodes)}")
    assert given, nodes.blame_setting("requirepass", "requirepass is set, and masterauth is not")


@requirement("PROD-05k", Nodes, clause="1.3e, 6b", severity=MEDIUM, remedy="Set requirepass, or state users in an ACL.")
def test_nodes_ask_for_the_password(nodes):
    """A password that clients send and no node asks for protects nothing: whoever reaches the port reads and writes (Redis, security)."""
    _there(nodes, "PROD-05a")
    if asks(nodes):
        return
    unseen = rules(nodes) or hidden(nodes)
    if unseen or not nodes.is_configured:
        not_judged(f"what {nodes.workload} asks for is not known" + (f": {unseen}" if unseen else ""))
    given = clients(nodes)
    if not given:
        not_judged("no client is known to get a password of Redis")
    told = ", ".join(given)
    assert not given, nodes.blame_setting("requirepass", "nothing sets requirepass, and {} get a password for it", told)


@requirement(
    "PROD-05l", Nodes, clause="1.3e, 6b", severity=HIGH, remedy="Set maxmemory well below the container's limit."
)
def test_nodes_evict_before_they_are_killed(nodes):
    """A node whose maxmemory is not below its container's limit is killed before it evicts or refuses a write (Redis, key eviction)."""
    _there(nodes, "PROD-05a")
    setting, own = nodes.setting("maxmemory"), limited(nodes)
    if setting is None:
        not_judged(f"maxmemory is not set where it can be read for {nodes.workload}")
    wanted = amount(setting.value)
    if not wanted:
        not_judged(f"maxmemory {setting.value} is no amount of memory")
    if own is None:
        not_judged("the limit for memory of the container that reads maxmemory is not known")
    container, stated, limit = own
    assert wanted < limit, setting.evidence(
        "maxmemory is {}, and the limit of container {} is {}", setting.value, container.name, stated
    )


def _known(setting):
    if setting.unknown:
        not_judged(f"the value of {setting.name} is filled in elsewhere: {setting.value}")


def _has_target(scaler):
    if scaler.target is None:
        not_judged("its target is not in the place (BUILD-03g)")


def _number(value, what):
    if value is None:
        not_judged(f"{what} is no number that is known")


def _countable(budget):
    if not budget.selected:
        not_judged("it selects no pod (BUILD-03h)")
    if budget.pods is None:
        not_judged("how many pods it selects is not known")
    _number(budget.allowed, budget.field)


def _there(stated, judged=None):
    """Fail, or where another requirement does so already leave it to that, when the stated workload is not there."""
    if stated.workload is None:
        if stated.maker is not None:
            not_judged(f"{stated.maker} is for an operator, which makes the pods")
        message = f"there is no workload {stated.stated.workload!r}, which {stated.key} states"
        if judged:
            not_judged(f"{message} ({judged})")
        assert stated.workload is not None, stated.evidence("{}", message)


def _matches(setting, stated, key):
    _number(setting.number, setting.name)
    brokers = setting.brokers
    assert setting.number == stated, setting.evidence(
        "{}, and {} states {} = {}", setting.shown, brokers.key, key, stated
    )


def _settled(servers, *names):
    unsettled = servers.unsettled(*names)
    if unsettled:
        not_judged(unsettled)


def _switched_on(nodes, name):
    _there(nodes, "PROD-05a")
    _settled(nodes, name)
    if not nodes.is_configured:
        not_judged(f"no setting of Redis' own is found for {nodes.workload}; the image's may hold")
    found = nodes.setting(name)
    value = found.value if found is not None else "not set, which is no by Redis' default"
    assert value == "yes", nodes.blame_setting(name, "{} is {}", name.replace("_", "-"), value)
