package netpol

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// side is one set of peers: an nft match for their addresses, and the pods among them, for ports that are named.
type side struct {
	match string
	pods  []*corev1.Pod
}

// allowed are the nft matches of one rule for pod p: each pair of peer and port. No peers are all peers, no ports all ports.
func (c *cluster) allowed(p *corev1.Pod, namespace string, d direction, r rule) (matches []string) {
	for _, s := range c.sides(namespace, d, r.peers) {
		if len(r.ports) == 0 {
			matches = append(matches, s.match)
		}
		for _, port := range r.ports {
			matches = append(matches, s.ports(p, d, port)...)
		}
	}
	return matches
}

func (c *cluster) sides(namespace string, d direction, peers []netv1.NetworkPolicyPeer) (sides []side) {
	if len(peers) == 0 {
		return []side{{"", c.addressed()}}
	}
	for _, peer := range peers {
		var s side
		if peer.IPBlock != nil {
			s = c.block(d, peer.IPBlock)
		} else if s.pods = c.selected(namespace, peer); len(s.pods) > 0 {
			s.match = fmt.Sprintf("ip %s { %s } ", d.peer, strings.Join(addresses(s.pods), ", "))
		}
		if s.match != "" { // a selector that finds nobody allows nobody
			sides = append(sides, s)
		}
	}
	return sides
}

// selected are the pods of a peer: without a namespaceSelector, those of the policy's own namespace.
func (c *cluster) selected(namespace string, peer netv1.NetworkPolicyPeer) (pods []*corev1.Pod) {
	within := map[string]bool{}
	for _, n := range c.namespaces {
		if peer.NamespaceSelector == nil {
			within[n.Name] = n.Name == namespace
		} else {
			within[n.Name] = matches(peer.NamespaceSelector, n.Labels)
		}
	}
	for _, p := range c.addressed() {
		if within[p.Namespace] && (peer.PodSelector == nil || matches(peer.PodSelector, p.Labels)) {
			pods = append(pods, p)
		}
	}
	return pods
}

// block is an address range without its exceptions. IPv6 ranges hold no address of this cluster.
func (c *cluster) block(d direction, b *netv1.IPBlock) side {
	cidr, err := netip.ParsePrefix(b.CIDR)
	if err != nil || !cidr.Addr().Is4() {
		return side{}
	}
	var except []netip.Prefix
	s := side{match: fmt.Sprintf("ip %s %s ", d.peer, cidr.Masked())}
	for _, text := range b.Except {
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
			except = append(except, prefix)
			s.match += fmt.Sprintf("ip %s != %s ", d.peer, prefix.Masked())
		}
	}
pods:
	for _, p := range c.addressed() {
		address, err := netip.ParseAddr(p.Status.PodIP)
		if err != nil || !cidr.Contains(address) {
			continue
		}
		for _, prefix := range except {
			if prefix.Contains(address) {
				continue pods
			}
		}
		s.pods = append(s.pods, p)
	}
	return s
}

// ports are the nft matches of one port with these peers. A named port is the receiver's: the isolated pod's in ingress, each
// peer's own in egress, where only pods can have one.
func (s side) ports(p *corev1.Pod, d direction, port netv1.NetworkPolicyPort) (matches []string) {
	protocol := corev1.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	l4 := strings.ToLower(string(protocol))
	switch {
	case port.Port == nil:
		return []string{fmt.Sprintf("%smeta l4proto %s ", s.match, l4)}
	case port.Port.Type == intstr.Int && port.EndPort != nil:
		return []string{fmt.Sprintf("%s%s dport %d-%d ", s.match, l4, port.Port.IntVal, *port.EndPort)}
	case port.Port.Type == intstr.Int:
		return []string{fmt.Sprintf("%s%s dport %d ", s.match, l4, port.Port.IntVal)}
	case d.policyType == netv1.PolicyTypeIngress:
		for _, number := range named(p, port.Port.StrVal, protocol) {
			matches = append(matches, fmt.Sprintf("%s%s dport %d ", s.match, l4, number))
		}
	default:
		for _, receiver := range s.pods {
			for _, number := range named(receiver, port.Port.StrVal, protocol) {
				matches = append(matches, fmt.Sprintf("ip daddr %s %s dport %d ", receiver.Status.PodIP, l4, number))
			}
		}
	}
	return matches
}

// named are the numbers that a pod's containers give a port's name; init containers count where they stay (sidecars).
func named(p *corev1.Pod, name string, protocol corev1.Protocol) (numbers []int32) {
	containers := p.Spec.Containers
	for _, c := range p.Spec.InitContainers {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			containers = append(containers[:len(containers):len(containers)], c)
		}
	}
	for _, c := range containers {
		for _, port := range c.Ports {
			same := port.Protocol == protocol || port.Protocol == "" && protocol == corev1.ProtocolTCP
			if port.Name == name && same {
				numbers = append(numbers, port.ContainerPort)
			}
		}
	}
	return numbers
}

// matches tells whether a selector takes these labels; one that cannot be read takes none.
func matches(selector *metav1.LabelSelector, of labels.Set) bool {
	s, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && s.Matches(of)
}
