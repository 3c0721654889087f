"""The naive reading of NetworkPolicy, held to the documentation's sentences; the generated clusters, held to the API and to variety.

A case is named by the sentence that it tries: of the concepts page «Network Policies», of the field reference of NetworkPolicy and
LabelSelector (networking.k8s.io/v1), or of the API server's defaulting where these are silent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from generated_clusters import (
    FEATURES,
    KINDS,
    PROTOCOLS,
    Question,
    addresses,
    asked_clusters,
    clusters,
    every_question,
    expanded,
    features,
    peers_of,
    pods,
    policies,
    rules_of,
)
from hypothesis import HealthCheck, Phase, given, settings
from naive_network import Node, Object, Outside, Peer, Pod, allowed, directions

THERE = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop, stage: live}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: ops, app: web}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: lab}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}, spec: {containers: [
  {name: main, image: a:1, ports: [{name: http, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db, tier: ''}}, spec: {
  initContainers: [
    {name: proxy, image: a:1, restartPolicy: Always, ports: [{name: proxy, containerPort: 6432, protocol: TCP}]},
    {name: migrate, image: a:1, ports: [{name: migrate, containerPort: 7000}]}],
  containers: [
    {name: main, image: a:1, ports: [{containerPort: 5432}, {name: http, containerPort: 80, protocol: TCP}]},
    {name: dns, image: a:1, ports: [{name: http, containerPort: 443, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: shop}, spec: {containers: [{name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: shop, labels: {app: web}}, spec: {hostNetwork: true, containers: [
  {name: main, image: a:1, ports: [{name: http, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: done, namespace: shop, labels: {app: web}}, status: {phase: Succeeded}, spec: {containers: [
  {name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: ops, labels: {app: web}}, spec: {containers: [{name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: ops, labels: {app: db}}, spec: {containers: [{name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: lab, labels: {app: web}}, spec: {containers: [{name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: unwritten, labels: {app: web}}, spec: {containers: [{name: main, image: a:1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: main, image: a:1}]}}
"""

# The sentence; the specs of policies in namespace shop; the questions, each with the answer.
CASES: dict[str, tuple[str, str]] = {
    "By default, a pod is non-isolated for egress and for ingress": (
        "",
        "shop/web shop/db TCP 80 allowed; 192.0.2.1 shop/db UDP 1 allowed; shop/db 2001:db8::1 SCTP 65535 allowed",
    ),
    "isolated for ingress if any policy selects the pod and has Ingress in its policyTypes: this does not affect egress": (
        "{podSelector: {}, policyTypes: [Ingress]}",
        "ops/web shop/db TCP 80 denied; 192.0.2.1 shop/db TCP 80 denied; shop/db ops/web TCP 80 allowed; "
        "shop/db 192.0.2.1 TCP 80 allowed",
    ),
    "isolated for egress if any policy selects the pod and has Egress in its policyTypes: this does not affect ingress": (
        "{podSelector: {}, policyTypes: [Egress]}",
        "ops/web shop/db TCP 80 allowed; 192.0.2.1 shop/db TCP 80 allowed; shop/db ops/web TCP 80 denied; "
        "shop/db 192.0.2.1 TCP 80 denied",
    ),
    "both the egress policy on the source and the ingress policy on the destination need to allow the connection": (
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], "
        "ports: [{port: 80}, {port: 81}]}]}\n---\n"
        "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], "
        "ports: [{port: 80}, {port: 82}]}]}",
        "shop/web shop/db TCP 80 allowed; shop/web shop/db TCP 81 denied; shop/web shop/db TCP 82 denied",
    ),
    "The effects of those lists combine additively": (
        "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 80}]}]}\n---\n"
        "{podSelector: {}, ingress: []}\n---\n"
        "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 443}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/web shop/db TCP 443 allowed; ops/web shop/db TCP 81 denied; "
        "ops/web shop/bare TCP 80 denied",
    ),
    "Reply traffic for those allowed connections will also be implicitly allowed: the direction asked is the connection's": (
        "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress], ingress: [{}]}",
        "ops/web shop/db TCP 80 allowed; shop/db ops/web TCP 80 denied",
    ),
    "a pod cannot block access to itself": (
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        "shop/db shop/db TCP 80 allowed; shop/db shop/web TCP 80 denied",
    ),
    "traffic to and from the node where a Pod is running is always allowed": (
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        "node shop/db TCP 80 allowed; shop/db node UDP 10250 allowed",
    ),
    "An empty podSelector selects all pods in the namespace": (
        "{podSelector: {}}",
        "ops/web shop/web TCP 80 denied; ops/web shop/bare TCP 80 denied; shop/web ops/web TCP 80 allowed",
    ),
    "podSelector is optional; if it is not specified, it defaults to an empty selector": (
        "{policyTypes: [Ingress]}",
        "ops/web shop/web TCP 80 denied; ops/web shop/bare TCP 80 denied",
    ),
    "podSelector selects the pods to which this policy applies, in the policy's own namespace": (
        "{podSelector: {matchLabels: {app: db}}}",
        "ops/web shop/db TCP 80 denied; ops/web shop/web TCP 80 allowed; shop/web ops/db TCP 80 allowed",
    ),
    "If no policyTypes are specified then by default Ingress will always be set": (
        "{podSelector: {}, egress: [{ports: [{port: 80}]}]}",
        "ops/web shop/web TCP 80 denied",
    ),
    "and Egress will be set if the NetworkPolicy has any egress rules": (
        "{podSelector: {}, egress: [{ports: [{port: 80}]}]}",
        "shop/web ops/web TCP 80 allowed; shop/web ops/web TCP 81 denied",
    ),
    "a policy without an egress section would otherwise default to just Ingress": (
        "{podSelector: {}, ingress: [{}]}",
        "shop/web ops/web TCP 80 allowed; ops/web shop/web TCP 80 allowed",
    ),
    "len(Spec.Egress) != 0 is what adds Egress: an empty list adds nothing": (
        "{podSelector: {}, egress: []}",
        "shop/web ops/web TCP 80 allowed; ops/web shop/web TCP 80 denied",
    ),
    "len(Spec.PolicyTypes) == 0 is what sets the default: an empty list is none": (
        "{podSelector: {}, policyTypes: [], egress: [{ports: [{port: 80}]}]}",
        "ops/web shop/web TCP 80 denied; shop/web ops/web TCP 80 allowed; shop/web ops/web TCP 81 denied",
    ),
    "null is as good as absent": (
        "{podSelector: {matchLabels: {app: db}}, policyTypes: null, ingress: [{from: null, ports: null}], "
        "egress: null}",
        "192.0.2.1 shop/db UDP 9 allowed; shop/db ops/web TCP 80 allowed",
    ),
    "policyTypes [Egress] is an egress-only policy: its ingress rules isolate nothing": (
        "{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 80}]}], egress: [{}]}",
        "ops/web shop/web TCP 81 allowed; shop/web ops/web TCP 81 allowed",
    ),
    "policyTypes [Ingress] leaves egress rules without effect": (
        "{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 80}]}]}",
        "shop/web ops/web TCP 81 allowed; ops/web shop/web TCP 80 denied",
    ),
    "If the ingress field is empty then this NetworkPolicy does not allow any traffic": (
        "{podSelector: {}, ingress: []}",
        "ops/web shop/web TCP 80 denied; shop/db shop/web TCP 80 denied; 192.0.2.1 shop/web TCP 80 denied",
    ),
    "If the egress field is empty then this NetworkPolicy limits all outgoing traffic": (
        "{podSelector: {}, policyTypes: [Egress], egress: []}",
        "shop/web ops/web TCP 80 denied; shop/web shop/db TCP 80 denied; shop/web 192.0.2.1 TCP 80 denied",
    ),
    "Allow all ingress traffic: a list of one empty rule": (
        "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}",
        "ops/web shop/web TCP 80 allowed; shop/host shop/web SCTP 1 allowed; 2001:db8::1 shop/web UDP 53 allowed",
    ),
    "Allow all egress traffic: a list of one empty rule": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{}]}",
        "shop/web ops/web TCP 80 allowed; shop/web shop/host SCTP 1 allowed; shop/web 192.0.2.1 UDP 53 allowed",
    ),
    "If from is empty or missing, this rule matches all sources": (
        "{podSelector: {}, ingress: [{from: [], ports: [{port: 80}]}, {ports: [{port: 81}]}]}",
        "ops/web shop/web TCP 80 allowed; 192.0.2.1 shop/web TCP 81 allowed; shop/host shop/web TCP 80 allowed; "
        "ops/web shop/web TCP 82 denied",
    ),
    "If to is empty or missing, this rule matches all destinations": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [], ports: [{port: 80}]}, {ports: [{port: 81}]}]}",
        "shop/web ops/web TCP 80 allowed; shop/web 192.0.2.1 TCP 81 allowed; shop/web shop/host TCP 80 allowed; "
        "shop/web ops/web TCP 82 denied",
    ),
    "If ports is empty or missing, this rule matches all ports": (
        "{podSelector: {}, ingress: [{ports: [], from: [{podSelector: {}}]}, "
        "{from: [{ipBlock: {cidr: 192.0.2.1/32}}]}]}",
        "shop/db shop/web UDP 9 allowed; 192.0.2.1 shop/web SCTP 65535 allowed; ops/web shop/web UDP 9 denied",
    ),
    "The traffic must match both ports and from": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 80}]}]}",
        "shop/db shop/web TCP 80 allowed; shop/db shop/web TCP 81 denied; shop/bare shop/web TCP 80 denied",
    ),
    "Each rule stands alone: the ports of one are not for the peers of another": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}, "
        "{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 81}]}]}",
        "shop/db shop/web TCP 80 allowed; shop/db shop/web TCP 81 denied; 192.0.2.1 shop/web TCP 81 allowed; "
        "192.0.2.1 shop/web TCP 80 denied",
    ),
    "podSelector in from: pods in the policy's own namespace": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
        "shop/web shop/db TCP 80 allowed; shop/bare shop/db TCP 80 denied; ops/web shop/db TCP 80 denied; "
        "192.0.2.1 shop/db TCP 80 denied",
    ),
    "podSelector, if present but empty, selects all pods": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
        "shop/bare shop/db TCP 80 allowed; ops/web shop/db TCP 80 denied; 192.0.2.1 shop/db TCP 80 denied",
    ),
    "namespaceSelector in from: all pods in the namespaces selected": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/db shop/db TCP 80 allowed; shop/web shop/db TCP 80 denied; "
        "lab/web shop/db TCP 80 denied",
    ),
    "namespaceSelector looks at the namespace's labels, podSelector at the pod's": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {app: web}}}]}]}",
        "ops/db shop/db TCP 80 allowed; lab/web shop/db TCP 80 denied; shop/web shop/db TCP 80 denied",
    ),
    "namespaceSelector, if present but empty, selects all namespaces (and no address outside)": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}",
        "ops/web shop/db TCP 80 allowed; unwritten/web shop/db TCP 80 allowed; shop/bare shop/db TCP 80 allowed; "
        "192.0.2.1 shop/db TCP 80 denied",
    ),
    "namespaceSelector and podSelector in a single entry: particular Pods within particular namespaces": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}, "
        "podSelector: {matchLabels: {app: web}}}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/db shop/db TCP 80 denied; shop/web shop/db TCP 80 denied",
    ),
    "namespaceSelector and podSelector in two elements: or": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, "
        "{podSelector: {matchLabels: {app: web}}}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/db shop/db TCP 80 allowed; shop/web shop/db TCP 80 allowed; "
        "shop/bare shop/db TCP 80 denied; lab/web shop/db TCP 80 denied",
    ),
    "to selects by the same selectors as from": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: ops}}, "
        "podSelector: {matchLabels: {app: web}}}]}]}",
        "shop/db ops/web TCP 80 allowed; shop/db ops/db TCP 80 denied; shop/db shop/web TCP 80 denied; "
        "shop/db 192.0.2.1 TCP 80 denied",
    ),
    "the control plane sets an immutable label kubernetes.io/metadata.name on all namespaces": (
        "{podSelector: {}, "
        "ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, "
        "operator: In, values: [ops, unwritten, default]}]}}]}]}",
        "ops/web shop/db TCP 80 allowed; unwritten/web shop/db TCP 80 allowed; "
        "default/web shop/db TCP 80 allowed; lab/web shop/db TCP 80 denied",
    ),
    "a namespace without labels matches no label but its name": (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: team, "
        "operator: DoesNotExist}]}}]}]}",
        "lab/web shop/db TCP 80 allowed; unwritten/web shop/db TCP 80 allowed; ops/web shop/db TCP 80 denied; "
        "shop/web shop/db TCP 80 denied",
    ),
    "The requirements of matchLabels and of matchExpressions are ANDed": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}, "
        "matchExpressions: [{key: tier, operator: In, values: [back]}]}}, {podSelector: {matchLabels: {app: db, "
        "tier: front}}}]}]}",
        "shop/web shop/bare TCP 80 denied; shop/db shop/bare TCP 80 denied",
    ),
    "several matchExpressions are ANDed": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: Exists}, "
        "{key: tier, operator: NotIn, values: [front]}]}}]}]}",
        "shop/db shop/bare TCP 80 allowed; shop/web shop/bare TCP 80 denied; shop/bare shop/web TCP 80 denied",
    ),
    "In: the label's value is one of the values": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, "
        "values: [api, db]}]}}]}]}",
        "shop/db shop/bare TCP 80 allowed; shop/web shop/bare TCP 80 denied; shop/bare shop/web TCP 80 denied",
    ),
    "NotIn: and all resources with no labels with the key": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, "
        "values: [api, db]}]}}]}]}",
        "shop/db shop/bare TCP 80 denied; shop/web shop/bare TCP 80 allowed; shop/bare shop/web TCP 80 allowed",
    ),
    "Exists: the key is there; no values are checked, an empty one is one": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}]}]}",
        "shop/db shop/bare TCP 80 allowed; shop/web shop/bare TCP 80 allowed; shop/bare shop/web TCP 80 denied",
    ),
    "DoesNotExist: the key is not there": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, "
        "operator: DoesNotExist}]}}]}]}",
        "shop/db shop/bare TCP 80 denied; shop/web shop/bare TCP 80 denied; shop/bare shop/web TCP 80 allowed",
    ),
    "matchLabels of an empty value is the empty value, not any": (
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {tier: ''}}}]}]}",
        "shop/db shop/bare TCP 80 allowed; shop/web shop/bare TCP 80 denied; shop/bare shop/web TCP 80 denied",
    ),
    "matchExpressions select a policy's subjects just as its peers": (
        "{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}",
        "ops/web shop/db TCP 80 denied; ops/web shop/bare TCP 80 denied; ops/web shop/web TCP 80 allowed",
    ),
    "IP addresses in all of 172.17.0.0/16 except 172.17.1.0/24": (
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}}]}]}",
        "172.17.0.0 shop/db TCP 1 allowed; 172.17.0.255 shop/db TCP 1 allowed; 172.17.1.0 shop/db TCP 1 denied; "
        "172.17.1.255 shop/db TCP 1 denied; 172.17.2.0 shop/db TCP 1 allowed; "
        "172.17.255.255 shop/db TCP 1 allowed; 172.16.255.255 shop/db TCP 1 denied; "
        "172.18.0.0 shop/db TCP 1 denied",
    ),
    "ipBlock in to, with more than one except": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, "
        "except: [10.0.0.0/8, 169.254.169.254/32]}}]}]}",
        "shop/db 9.255.255.255 TCP 1 allowed; shop/db 10.0.0.0 TCP 1 denied; "
        "shop/db 169.254.169.254 TCP 1 denied; shop/db 169.254.169.253 TCP 1 allowed",
    ),
    "what one ipBlock excepts another may allow (policies are additive, there is no deny)": (
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, "
        "{ipBlock: {cidr: 10.1.1.0/24}}]}]}",
        "10.1.1.7 shop/db TCP 1 allowed; 10.1.2.7 shop/db TCP 1 denied; 10.2.0.0 shop/db TCP 1 allowed",
    ),
    'ipBlock: valid examples are "192.168.1.0/24" or "2001:db8::/64"': (
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '2001:db8::/64', except: ['2001:db8::ff00/120']}}]}]}",
        "2001:db8:: shop/db TCP 1 allowed; 2001:db8::ffff:ffff:ffff:ffff shop/db TCP 1 allowed; "
        "2001:db8::ff01 shop/db TCP 1 denied; 2001:db8:0:1:: shop/db TCP 1 denied; 192.0.2.1 shop/db TCP 1 denied",
    ),
    "An ipBlock of one family says nothing of the other": (
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {from: [{ipBlock: {cidr: '::/0'}}], "
        "ports: [{port: 80}]}]}",
        "192.0.2.1 shop/db TCP 81 allowed; 2001:db8::1 shop/db TCP 81 denied; 2001:db8::1 shop/db TCP 80 allowed; "
        "::c000:201 shop/db TCP 81 denied",
    ),
    "An ipBlock's bits behind the prefix are ignored": (
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/16, except: [10.1.7.9/24]}}]}]}",
        "10.1.0.0 shop/db TCP 1 allowed; 10.1.7.0 shop/db TCP 1 denied; 10.2.0.0 shop/db TCP 1 denied",
    ),
    "ipBlock: these should be cluster-external IPs, since Pod IPs are ephemeral and unpredictable": (
        "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, "
        "{ipBlock: {cidr: '::/0'}}]}], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}",
        "ops/web shop/db TCP 80 denied; shop/db ops/web TCP 80 denied; 192.0.2.1 shop/db TCP 80 allowed; "
        "shop/host shop/db TCP 80 denied",
    ),
    "ports combined using a logical OR": (
        "{podSelector: {}, ingress: [{ports: [{port: 80}, {port: 53, protocol: UDP}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/web shop/db UDP 53 allowed; ops/web shop/db UDP 80 denied; "
        "ops/web shop/db TCP 53 denied",
    ),
    "protocol: if not specified, this field defaults to TCP": (
        "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}",
        "ops/web shop/db TCP 80 allowed; ops/web shop/db UDP 80 denied; ops/web shop/db SCTP 80 denied",
    ),
    "protocol represents the protocol (TCP, UDP, or SCTP)": (
        "{podSelector: {}, ingress: [{ports: [{port: 80, protocol: SCTP}]}, {ports: [{port: 81, protocol: UDP}]}]}",
        "ops/web shop/db SCTP 80 allowed; ops/web shop/db TCP 80 denied; ops/web shop/db UDP 81 allowed; "
        "ops/web shop/db SCTP 81 denied",
    ),
    "port: if this field is not provided, this matches all port names and numbers (of the protocol)": (
        "{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}",
        "ops/web shop/db UDP 1 allowed; ops/web shop/db UDP 65535 allowed; ops/web shop/db TCP 1 denied",
    ),
    "an empty item of ports is TCP, all ports: not everything": (
        "{podSelector: {}, ingress: [{ports: [{}]}]}",
        "ops/web shop/db TCP 1 allowed; ops/web shop/db UDP 1 denied; ops/web shop/db SCTP 1 denied",
    ),
    "endPort: the range of ports from port to endPort, inclusive": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], "
        "ports: [{protocol: TCP, port: 32000, endPort: 32768}]}]}",
        "shop/db 10.0.0.9 TCP 32000 allowed; shop/db 10.0.0.9 TCP 32768 allowed; "
        "shop/db 10.0.0.9 TCP 31999 denied; shop/db 10.0.0.9 TCP 32769 denied; "
        "shop/db 10.0.0.9 UDP 32000 denied; shop/db 10.0.1.0 TCP 32000 denied",
    ),
    "The endPort must be equal or greater than port: equal is one port": (
        "{podSelector: {}, ingress: [{ports: [{port: 443, endPort: 443}, {port: 65535, endPort: 65535}]}]}",
        "ops/web shop/db TCP 443 allowed; ops/web shop/db TCP 444 denied; ops/web shop/db TCP 65535 allowed",
    ),
    "port can be a named port on a pod: for ingress on each pod that the policy selects": (
        "{podSelector: {}, ingress: [{ports: [{port: http}]}]}",
        "ops/web shop/web TCP 8080 allowed; ops/web shop/web TCP 80 denied; ops/web shop/db TCP 80 allowed; "
        "ops/web shop/db TCP 8080 denied; ops/web shop/bare TCP 80 denied; 192.0.2.1 shop/db TCP 80 allowed",
    ),
    "port can be a named port on a pod: for egress on the pod that receives, not on the one that sends": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}",
        "shop/web shop/db TCP 80 allowed; shop/web shop/db TCP 8080 denied; shop/db shop/web TCP 8080 allowed; "
        "shop/db ops/web TCP 80 denied",
    ),
    "only traffic on the specified protocol AND port will be matched: a name means the port of that protocol": (
        "{podSelector: {}, ingress: [{ports: [{port: http, protocol: UDP}]}]}",
        "ops/web shop/db UDP 443 allowed; ops/web shop/db TCP 80 denied; ops/web shop/db UDP 80 denied; "
        "ops/web shop/web UDP 8080 denied",
    ),
    "NetworkPolicies apply equally to sidecar containers: their named ports count, those of init containers that end do not": (
        "{podSelector: {}, ingress: [{ports: [{port: proxy}, {port: migrate}]}]}",
        "ops/web shop/db TCP 6432 allowed; ops/web shop/db TCP 7000 denied",
    ),
    "a named port is a pod's: no address outside has one": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], "
        "ports: [{port: http}]}, {ports: [{port: http}]}]}",
        "shop/web 192.0.2.1 TCP 80 denied; shop/web 192.0.2.1 TCP 8080 denied",
    ),
    "a named port on hostNetwork is none: the plugin cannot tell the pod from its node": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}, {port: 81}]}]}",
        "shop/web shop/host TCP 8080 denied; shop/web shop/host TCP 81 allowed",
    ),
    "it ignores hostNetwork pods when matching podSelector: as a subject": (
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        "ops/web shop/host TCP 80 allowed; shop/host 192.0.2.1 TCP 80 allowed; shop/host shop/web TCP 80 denied",
    ),
    "it ignores hostNetwork pods when matching podSelector and namespaceSelector: as a peer": (
        "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}, "
        "{namespaceSelector: {}}]}], egress: [{to: [{podSelector: {}}, {namespaceSelector: {}}]}]}",
        "shop/host shop/db TCP 80 denied; shop/db shop/host TCP 80 denied; shop/web shop/db TCP 80 allowed",
    ),
}


def read(specs: str, namespace: str = "shop") -> list[Object]:
    """Make policies of what is written in their specs, in a cluster that is always the same."""
    made = [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"p{index}", "namespace": namespace},
            "spec": spec,
        }
        for index, spec in enumerate(one for one in yaml.safe_load_all(specs) if one is not None)
    ]
    return [*yaml.safe_load_all(THERE), *made]


def end(text: str) -> Peer:
    """Read who is at one end."""
    if text == "node":
        return Node()
    return Pod(*text.split("/")) if "/" in text else Outside(text)


def asked(text: str) -> Question:
    """Read a question: source, target, protocol, port."""
    source, target, protocol, port = text.split()
    return Question(end(source), end(target), protocol, int(port))


@pytest.mark.parametrize("sentence", CASES, ids=list(CASES))
def test_the_sentence_holds(sentence: str) -> None:
    """Every answer follows from the sentence that names the case."""
    specs, told = CASES[sentence]
    objects = read(specs)
    for line in told.split(";"):
        question, answer = line.strip().rsplit(" ", 1)
        assert {True: "allowed", False: "denied"}[allowed(objects, *asked(question))] == answer, line


def test_each_direction_is_answered_by_itself() -> None:
    """A denied connection is told apart by the end that denies it."""
    objects = read(
        "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 80}]}]}\n---\n{podSelector: {matchLabels: {app: db}}}"
    )
    assert directions(objects, *asked("shop/web shop/db TCP 80")) == (True, False)
    assert directions(objects, *asked("shop/web shop/bare TCP 81")) == (False, True)
    assert directions(objects, *asked("shop/web shop/db TCP 81")) == (False, False)
    assert directions(objects, *asked("shop/bare shop/web TCP 81")) == (True, True)


def test_a_pod_is_met_by_an_address_that_is_known_of_it() -> None:
    """An ipBlock matches a pod by an address that is known of it, on hostNetwork too, and else not."""
    objects = read("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16, except: [10.1.9.0/24]}}]}]}")
    known = {("ops", "web"): ["10.1.0.7"], ("ops", "db"): ["10.1.9.7"], ("shop", "host"): ["2001:db8::5", "10.1.0.5"]}
    for source, answer in (("ops/web", True), ("ops/db", False), ("shop/host", True), ("lab/web", False)):
        assert allowed(objects, *asked(f"{source} shop/db TCP 80"), pod_addresses=known) is answer, source


def test_a_policy_without_namespace_is_in_default() -> None:
    """An empty namespace is equivalent to the "default" namespace."""
    objects = read("{podSelector: {}}")
    del objects[-1]["metadata"]["namespace"]
    assert not allowed(objects, *asked("shop/web default/web TCP 80"))
    assert allowed(objects, *asked("ops/web shop/web TCP 80"))


def test_a_policy_without_spec_isolates_its_namespace_for_ingress() -> None:
    """The spec is optional, and its defaults hold without it."""
    objects = read("{}")
    del objects[-1]["spec"]
    assert directions(objects, *asked("shop/web shop/db TCP 80")) == (True, False)


def test_a_networkpolicy_of_another_group_is_none() -> None:
    """Only the kind of networking.k8s.io/v1 is read by this API's words."""
    objects = read("{podSelector: {}, policyTypes: [Ingress, Egress]}")
    objects[-1]["apiVersion"] = "crd.projectcalico.org/v1"
    assert allowed(objects, *asked("shop/web shop/db TCP 80"))


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ("shop/done shop/web TCP 80", LookupError),  # it has finished
        ("shop/web shop/nobody TCP 80", LookupError),
        ("shop/web shop/db ICMP 80", ValueError),
        ("shop/web shop/db TCP 0", ValueError),
        ("10.1.0.7 shop/db TCP 80", ValueError),
    ],
)
def test_a_senseless_question_is_no_answer(question: str, error: type[Exception]) -> None:
    """Who asks for a pod, protocol or port that cannot be is told so."""
    with pytest.raises(error):
        allowed(read(""), *asked(question), pod_addresses={("ops", "web"): ["10.1.0.7"]})


CHEAPLY = settings(
    derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def test_generated_clusters_contain_every_feature_and_questions_meet_both_answers() -> None:
    """What no cluster contains, or what is always allowed, would prove nothing of an engine."""
    found: Counter[str] = Counter()
    answers: Counter[tuple[bool, bool]] = Counter()

    @settings(CHEAPLY, max_examples=500)
    @given(asked_clusters(count=6))
    def look(asked_of: tuple[list[Object], list[Question]]) -> None:
        objects, asking = asked_of
        found.update(features(objects))
        whole = expanded(objects)
        for question in asking:
            answers[directions(whole, *question)] += 1

    look()
    assert set(found) == FEATURES
    total = answers.total()
    assert 0.15 * total <= answers[True, True] <= 0.85 * total, answers
    assert min(answers[True, False], answers[False, True]) >= 0.05 * total, answers
    assert answers[False, False] >= 0.01 * total, answers


def test_generated_objects_are_what_the_api_server_takes() -> None:
    """An engine is held to what a cluster can hold."""
    listed: defaultdict[tuple[str, str], list[Object]] = defaultdict(list)

    @settings(CHEAPLY, max_examples=100)
    @given(clusters())
    def look(objects: list[Object]) -> None:
        for one in objects + pods(objects):
            listed[one["apiVersion"], one["kind"]].append(one)
        for policy in policies(objects):
            assert not refusals(policy), policy
        names = [(one["kind"], one["metadata"].get("namespace", "default"), one["metadata"]["name"]) for one in objects]
        assert len(set(names)) == len(names)

    look()
    assert {kind for _, kind in listed} == {*KINDS, "Namespace", "NetworkPolicy"}
    version = kubernetes_validate.latest_version()
    for (group, kind), items in listed.items():  # as a list: one schema a kind is read, not one an object
        kubernetes_validate.validate({"apiVersion": group, "kind": f"{kind}List", "items": items}, version, strict=True)
        broken = {"apiVersion": group, "kind": f"{kind}List", "items": [*items, {**items[0], "sepc": {}}]}
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, version, strict=True)


def refusals(policy: Object) -> list[Any]:
    """List what the API server's own validation refuses and a schema cannot say."""
    wrong: list[Any] = []
    for port in (port for rule in rules_of(policy) for port in rule.get("ports") or []):
        number, last = port.get("port"), port.get("endPort")
        wrong += [port] if last is not None and not (isinstance(number, int) and number <= last <= 65535) else []
        wrong += [port] if isinstance(number, int) and not 1 <= number <= 65535 else []
        wrong += [port] if port.get("protocol", "TCP") not in PROTOCOLS else []
    for peer in peers_of(policy):
        block = peer.get("ipBlock")
        wrong += [peer] if not peer or (block and len(peer) > 1) else []
        outer = ip_network(block["cidr"], strict=False) if block else None
        for hole in (block or {}).get("except") or []:
            wrong += [peer] if outer is None or not is_strictly_within(ip_network(hole, strict=False), outer) else []
    chosen = [policy["spec"].get("podSelector") or {}]
    chosen += [
        peer[field] for peer in peers_of(policy) for field in ("podSelector", "namespaceSelector") if field in peer
    ]
    for expression in (one for selector in chosen for one in selector.get("matchExpressions") or []):
        wrong += [expression] if (expression["operator"] in {"In", "NotIn"}) != bool(expression.get("values")) else []
    return wrong


def is_strictly_within(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    """Tell whether a range is a strict subset of another."""
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen > outer.prefixlen


@settings(CHEAPLY, max_examples=50)
@given(clusters())
def test_pods_stand_for_workloads_and_addresses_at_every_bound(objects: list[Object]) -> None:
    """Pods are told apart, and the first and last address of a range are among those asked about."""
    made = pods(objects)
    assert made
    assert len({(one["metadata"]["namespace"], one["metadata"]["name"]) for one in made}) == len(made)
    near = {ip_address(one) for one in addresses(objects)}
    for block in (peer["ipBlock"] for policy in policies(objects) for peer in peers_of(policy) if "ipBlock" in peer):
        network = ip_network(block["cidr"], strict=False)
        assert {network[0], network[-1]} <= near
    assert sum(1 for _ in zip(range(50), every_question(objects), strict=False)) == 50
