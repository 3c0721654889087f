package netpol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
)

const table = "turnstile_netpol"

// verdicts are what nft calls the two ways in which a packet is denied. A rejected connection fails at once, and otherwise than at a
// closed port: the client reads "no route to host", not "connection refused".
var verdicts = map[string]string{"drop": "drop", "reject": "reject with icmp type admin-prohibited"}

// cluster is what the rules are made from.
type cluster struct {
	pods       []*corev1.Pod
	namespaces []*corev1.Namespace
	policies   []*netv1.NetworkPolicy
}

// direction is one of the two in which a policy isolates: how its chains are named, and where the other side's address stands.
type direction struct {
	policyType   netv1.PolicyType
	chain        string
	pod, peer    string
	peersAndPort func(*netv1.NetworkPolicy) []rule
}

// rule is an ingress or an egress rule: the two have the same parts.
type rule struct {
	peers []netv1.NetworkPolicyPeer
	ports []netv1.NetworkPolicyPort
}

var directions = []direction{
	{netv1.PolicyTypeEgress, "from_", "saddr", "daddr", func(p *netv1.NetworkPolicy) (rules []rule) {
		for _, r := range p.Spec.Egress {
			rules = append(rules, rule{r.To, r.Ports})
		}
		return rules
	}},
	{netv1.PolicyTypeIngress, "to_", "daddr", "saddr", func(p *netv1.NetworkPolicy) (rules []rule) {
		for _, r := range p.Spec.Ingress {
			rules = append(rules, rule{r.From, r.Ports})
		}
		return rules
	}},
}

// rules is the whole transaction that puts the cluster's policies in force.
//
// A packet between pods passes the chain of its sender, if a policy isolates it in egress, and then the one of its receiver. "return"
// in a chain allows that side. Replies pass; the packets of a connection in its own direction are judged each, so a changed policy
// holds for open connections as well. Packets that the node itself sends pass no chain: the node reaches its pods, whatever is
// declared. An address of the pod network whose pod is not known is cut off, for nobody knows its labels.
func (c *cluster) rules(network, denied string) string {
	pods := c.addressed()
	var chains strings.Builder
	jumps := map[string][]string{}
	for _, p := range pods {
		for _, d := range directions {
			lines, isolated := c.isolation(p, d)
			if !isolated {
				continue
			}
			name := d.chain + strings.ReplaceAll(p.Status.PodIP, ".", "_")
			jumps[d.chain] = append(jumps[d.chain], p.Status.PodIP+" : jump "+name)
			fmt.Fprintf(&chains, "  chain %s { # %s/%s\n    ip %s %s return\n", name, p.Namespace, p.Name, d.peer, p.Status.PodIP)
			for _, line := range lines {
				fmt.Fprintf(&chains, "    %s\n", line)
			}
			fmt.Fprintf(&chains, "    counter %s\n  }\n", denied)
		}
	}
	known := ""
	if len(pods) > 0 {
		known = " ip %[1]s != { " + strings.Join(addresses(pods), ", ") + " }"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "add table ip %[1]s\ndelete table ip %[1]s\ntable ip %[1]s {\n%[2]s", table, chains.String())
	for _, hook := range []string{"forward", "input"} {
		fmt.Fprintf(&b, "  chain %[1]s {\n    type filter hook %[1]s priority filter - 5; policy accept;\n", hook)
		b.WriteString("    ct state related accept\n    ct direction reply ct state established accept\n")
		for _, d := range directions {
			if hook == "input" && d.policyType == netv1.PolicyTypeIngress {
				continue // to the node, not to a pod
			}
			stranger := strings.ReplaceAll(known, "%[1]s", d.pod)
			fmt.Fprintf(&b, "    ip %s %s%s counter drop\n", d.pod, network, stranger)
			if jump := jumps[d.chain]; len(jump) > 0 {
				fmt.Fprintf(&b, "    ip %s vmap { %s }\n", d.pod, strings.Join(jump, ", "))
			}
		}
		b.WriteString("  }\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// isolation is what policies allow to a pod in one direction, and whether any isolates it there at all.
func (c *cluster) isolation(p *corev1.Pod, d direction) (lines []string, isolated bool) {
	for _, policy := range c.sortedPolicies() {
		if policy.Namespace != p.Namespace || !matches(&policy.Spec.PodSelector, p.Labels) || !slices.Contains(policy.Spec.PolicyTypes, d.policyType) {
			continue
		}
		isolated = true
		for _, r := range d.peersAndPort(policy) {
			for _, match := range c.allowed(p, policy.Namespace, d, r) {
				lines = append(lines, fmt.Sprintf("%sreturn comment \"%s/%s\"", match, policy.Namespace, policy.Name))
			}
		}
	}
	return lines, isolated
}

// addressed are the pods with an address of their own, in a fixed order.
func (c *cluster) addressed() (pods []*corev1.Pod) {
	for _, p := range c.pods {
		ended := p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
		if !p.Spec.HostNetwork && p.Status.PodIP != "" && !ended {
			pods = append(pods, p)
		}
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(a.Status.PodIP, b.Status.PodIP) })
	return pods
}

func (c *cluster) sortedPolicies() []*netv1.NetworkPolicy {
	return slices.SortedFunc(slices.Values(c.policies), func(a, b *netv1.NetworkPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}

func addresses(pods []*corev1.Pod) (list []string) {
	for _, p := range pods {
		list = append(list, p.Status.PodIP)
	}
	return list
}
