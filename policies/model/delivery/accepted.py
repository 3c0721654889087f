"""What CloudFront takes of methods and of web ACLs.

Sources: Amazon CloudFront API Reference, AllowedMethods ("There are three choices") and CachedMethods ("There are two choices"); AWS WAF API
Reference, CreateWebACL, Scope: for CloudFront it is CLOUDFRONT, and "you must also specify the Region US East (N. Virginia)".
"""

from __future__ import annotations

from policies.evidence import Evidence
from policies.model.cloud.resources import known
from policies.model.delivery.cloudfront import METHODS
from policies.model.delivery.distributions import CloudFront, CloudFrontBehaviour
from policies.model.delivery.regions import REGION, region_of
from policies.requirement import not_judged

_READING = frozenset(["GET", "HEAD"])
_ASKING = _READING | {"OPTIONS"}
_CHOICES = {"allowed_methods": (_READING, _ASKING, frozenset(METHODS)), "cached_methods": (_READING, _ASKING)}
_ACL = "aws_wafv2_web_acl"


def refused_methods(behaviour: CloudFrontBehaviour) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give what a behaviour states of methods that is none of CloudFront's choices, by attribute. Raises NotJudged where that is not known."""
    found = []
    for name, choices in _CHOICES.items():
        stated = behaviour.get(name)
        if stated is None:
            continue
        methods = tuple(str(known(one)) for one in stated)
        if frozenset(methods) not in choices:
            found.append((name, methods))
    return tuple(found)


def refused_firewall(distribution: CloudFront) -> Evidence | None:
    """Say why CloudFront does not take a distribution's web ACL; None where it does. Raises NotJudged where that is not known."""
    here = [one for one in distribution.block.refers_to("web_acl_id") if one.type == _ACL]
    if not here:
        return _refused_arn(distribution)
    if len(here) > 1:
        not_judged(f"which of {', '.join(one.address for one in here)} stands before it is not known")
    scope = known(here[0].get("scope"))
    if scope != "CLOUDFRONT":
        return Evidence(f"{here[0].address} is of the scope {scope}", (here[0].locate("scope"),))
    region = region_of(here[0])
    if region != REGION:
        return Evidence(f"{here[0].address} is made in {region}", (here[0].locate("provider"),))
    return None


def _refused_arn(distribution: CloudFront) -> Evidence | None:
    value = distribution.get("web_acl_id")
    if value in (None, ""):
        not_judged("no web ACL stands before it (CDN-07a)")
    parts = str(value).split(":", 5)
    if len(parts) < 6 or parts[2] != "wafv2":
        not_judged(f"what {value} is, is not written here")
    fits = parts[3] == REGION and parts[5].startswith("global/")
    return None if fits else distribution.blame(("web_acl_id",), "its web ACL is {}", value)
