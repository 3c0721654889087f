"""What belongs to a resource that was found and that Terraform may not name: both ways along references, within the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from policies.live.aws.deployed.found import Found, strings
from policies.live.aws.deployed.looking import Looking
from policies.live.aws.deployed.search import Neighbours, Search
from policies.live.aws.deployed.services import (
    alarms,
    clusters,
    databases,
    edge_policies,
    functions,
    groups,
    identity,
    keys,
    networks,
    queues,
    topics,
)
from policies.model.delivery import managed as delivery_managed

Known = Iterable[Found | None]


def _of(search: Search, found: Found) -> Looking:
    return Looking(search, found.region)


def _at(search: Search, arn: str) -> Looking | None:
    """Give where an ARN is, None where that is another account."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[4] not in ("", search.account.id):
        return None
    return Looking(search, parts[3] or search.account.region)


def _unseen(search: Search, arn: str) -> Looking | None:
    """Give where an ARN is of which nothing was found yet, None where there is nothing to look for."""
    return None if not arn or search.knows(arn) else _at(search, arn)


def _function_of(search: Search, arn: str) -> Known:
    """Give the function that an ARN means, or a version of it."""
    if (there := _unseen(search, arn)) is not None:
        yield functions.function(there, arn.partition(":function:")[2].partition(":")[0])


def _keys(search: Search, found: Found) -> Known:
    for name in ("kms_master_key_id", "kms_key_id", "kms_key_arn"):
        value = found.attributes.get(name)
        if isinstance(value, str) and value and "alias/aws/" not in value and not search.knows(value):
            looking = _at(search, value) if value.startswith("arn:") else _of(search, found)
            if looking is not None:
                yield keys.key(looking, value)


def _queue(search: Search, found: Found) -> Known:
    looking = _of(search, found)
    target = queues.dead_letters_of(found) or ""
    if (there := _unseen(search, target)) is not None:
        yield queues.queue(there, target.rpartition(":")[2])
    yield from alarms.alarms_on(looking, "QueueName", found.name)
    yield from functions.mappings(looking, found.arn or "")


def _alarm(search: Search, found: Found) -> Known:
    for arn in found.attributes.get("alarm_actions") or ():
        if ":sns:" in arn and (there := _unseen(search, arn)) is not None:
            yield topics.topic(there, arn)


def _topic(search: Search, found: Found) -> Known:
    yield from topics.subscriptions(_of(search, found), found.id)


def _function(search: Search, found: Found) -> Known:
    role = str(found.attributes.get("role") or "")
    if role and not search.knows(role):
        yield identity.role(_of(search, found), role.rpartition("/")[2])
    for network in found.attributes.get("vpc_config") or ():
        for id in network["security_group_ids"]:
            if not search.knows(id):
                yield groups.group_of(_of(search, found), id)
    yield from alarms.alarms_on(_of(search, found), "FunctionName", found.name)


def _role(search: Search, found: Found) -> Known:
    for arn in found.attributes.get("managed_policy_arns") or ():
        if not search.knows(arn) and f":{search.account.id}:" in arn:
            yield identity.policy(_of(search, found), arn)


def _mapping(search: Search, found: Found) -> Known:
    yield from _function_of(search, str(found.attributes.get("function_arn") or ""))


def _distribution(search: Search, found: Found) -> Known:
    behaviours = (*found.attributes["default_cache_behavior"], *found.attributes["ordered_cache_behavior"])
    for one in behaviours:
        for arn in strings(one["lambda_function_association"]):
            if ":function:" in arn:
                yield from _function_of(search, arn)
        for name, kind in _POLICIES.items():
            id = one.get(name)
            if id and not search.knows(id) and id not in _MANAGED:
                yield edge_policies.policy(_of(search, found), kind, id)


def _cluster_members(search: Search, found: Found) -> Known:
    for name in found.attributes.get("cluster_members") or ():
        if not search.knows(name):
            yield databases.instance(_of(search, found), name)


def _cluster_addons(search: Search, found: Found) -> Known:
    looking = _of(search, found)
    for name in looking.of("eks").every("list_addons", "addons", clusterName=found.name):
        if not search.knows(f"{found.name}:{name}"):
            yield clusters.addon(looking, found.name, name)
    issuer = found.attributes["identity"][0]["oidc"][0]["issuer"]
    if issuer:
        yield clusters.provider(looking, issuer)


def _network(search: Search, found: Found) -> Known:
    """Give what is in a VPC, for one route or one subnet more decides who reaches what."""
    looking, id = _of(search, found), found.id
    subnets = [networks.subnet(looking, one) for one in networks.listed(looking, "describe_subnets", "Subnets", id)]
    yield from subnets
    for said in networks.listed(looking, "describe_route_tables", "RouteTables", id):
        yield networks.table(looking, said)
        yield from networks.associations(looking, said)
    for said in networks.vpcs(looking):
        yield from networks.more_addresses(looking, said) if said["VpcId"] == id else ()
    yield from networks.internet_gateways(looking, id)
    yield from networks.nat_gateways(looking, id)
    yield from networks.flow_logs(looking, {id, *(one.id for one in subnets)})
    yield networks.default_group(looking, id)


_POLICIES = {
    "cache_policy_id": "aws_cloudfront_cache_policy",
    "origin_request_policy_id": "aws_cloudfront_origin_request_policy",
    "response_headers_policy_id": "aws_cloudfront_response_headers_policy",
}
_MANAGED = frozenset((*delivery_managed.CACHE, *delivery_managed.ORIGIN_REQUEST, *delivery_managed.RESPONSE_HEADERS))

Steps = Callable[[Search, Found], Known]


def _listed(*steps: Steps) -> Neighbours:
    def follow(search: Search, found: Found) -> list[Found]:
        return [other for step in steps for other in step(search, found) if other is not None]

    return follow


NEIGHBOURS: Mapping[str, Neighbours] = {
    "aws_sqs_queue": _listed(_queue, _keys),
    "aws_sns_topic": _listed(_topic, _keys),
    "aws_cloudwatch_metric_alarm": _listed(_alarm),
    "aws_cloudwatch_log_group": _listed(_keys),
    "aws_lambda_function": _listed(_function, _keys),
    "aws_lambda_event_source_mapping": _listed(_mapping),
    "aws_iam_role": _listed(_role),
    "aws_cloudfront_distribution": _listed(_distribution),
    "aws_secretsmanager_secret": _listed(_keys),
    "aws_rds_cluster": _listed(_cluster_members, _keys),
    "aws_eks_cluster": _listed(_cluster_addons),
    "aws_vpc": _listed(_network),
}
"""By type."""
