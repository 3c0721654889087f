package netpol

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const network = "10.244.0.0/24"

func pod(namespace, name, ip string, labels map[string]string, ports ...corev1.ContainerPort) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: ports}}},
		Status:     corev1.PodStatus{PodIP: ip, Phase: corev1.PodRunning},
	}
}

// town has a shop with a till and a shelf, and a street with a visitor.
func town(policies ...string) *cluster {
	ended := pod("shop", "ended", "10.244.0.8", map[string]string{"app": "till"})
	ended.Status.Phase = corev1.PodSucceeded
	onNode := pod("shop", "on-node", "10.10.0.1", map[string]string{"app": "till"})
	onNode.Spec.HostNetwork = true
	c := &cluster{
		namespaces: []*corev1.Namespace{
			{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"kind": "shop"}}},
			{ObjectMeta: metav1.ObjectMeta{Name: "street", Labels: map[string]string{"kind": "street"}}},
		},
		pods: []*corev1.Pod{
			pod("street", "visitor", "10.244.0.4", map[string]string{"app": "visitor"}, corev1.ContainerPort{Name: "web", ContainerPort: 9090}),
			pod("shop", "till", "10.244.0.2", map[string]string{"app": "till"}, corev1.ContainerPort{Name: "web", ContainerPort: 8080},
				corev1.ContainerPort{Name: "names", ContainerPort: 53, Protocol: corev1.ProtocolUDP}),
			pod("shop", "shelf", "10.244.0.3", map[string]string{"app": "shelf"}, corev1.ContainerPort{Name: "web", ContainerPort: 8081}),
			ended, onNode, pod("shop", "without-address", "", map[string]string{"app": "till"}),
		},
	}
	for _, text := range policies {
		p := &netv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "p"}}
		if err := yaml.UnmarshalStrict([]byte(text), &p.Spec); err != nil {
			panic(err)
		}
		c.policies = append(c.policies, p)
	}
	return c
}

// chain is what a chain allows, without the comments and counters that decide nothing.
func chain(t *testing.T, rules, name string) []string {
	t.Helper()
	body := regexp.MustCompile(`(?s)  chain ` + name + ` \{[^\n]*\n(.*?)\n  \}`).FindStringSubmatch(rules)
	if body == nil {
		return nil
	}
	lines := []string{}
	for _, line := range strings.Split(body[1], "\n") {
		lines = append(lines, strings.TrimSpace(strings.Split(line, " comment ")[0]))
	}
	return lines
}

func TestChains(t *testing.T) {
	const self = "ip saddr 10.244.0.2 return"
	const end = "counter drop"
	for name, c := range map[string]struct {
		policy string
		till   []string // what reaches the till
		from   []string // what the till reaches
	}{
		"no policy":        {`{podSelector: {matchLabels: {app: nobody}}, policyTypes: [Ingress, Egress]}`, nil, nil},
		"deny in":          {`{podSelector: {}, policyTypes: [Ingress]}`, []string{self, end}, nil},
		"deny out":         {`{podSelector: {}, policyTypes: [Egress]}`, nil, []string{"ip daddr 10.244.0.2 return", end}},
		"all peers, ports": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}`, []string{self, "return", end}, nil},
		"own namespace": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}`,
			[]string{self, "ip saddr { 10.244.0.2, 10.244.0.3 } return", end}, nil},
		"other namespace": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kind: street}}}]}]}`,
			[]string{self, "ip saddr { 10.244.0.4 } return", end}, nil},
		"pod and namespace": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [
			{namespaceSelector: {}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [till]}]}}]}]}`,
			[]string{self, "ip saddr { 10.244.0.3, 10.244.0.4 } return", end}, nil},
		"nobody selected": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: none}}}]}]}`,
			[]string{self, end}, nil},
		"port without protocol": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]}`, []string{self, "tcp dport 80 return", end}, nil},
		"protocol without port": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: UDP}]}]}`,
			[]string{self, "meta l4proto udp return", end}, nil},
		"range": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: SCTP, port: 80, endPort: 90}]}]}`,
			[]string{self, "sctp dport 80-90 return", end}, nil},
		"named port is the receiver's, in": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: web}]}]}`,
			[]string{self, "tcp dport 8080 return", end}, nil},
		"named port of another protocol": {`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: names}]}]}`, []string{self, end}, nil},
		"named port is the receiver's, out": {`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}], ports: [{port: web}]}]}`, nil,
			[]string{"ip daddr 10.244.0.2 return", "ip daddr 10.244.0.2 tcp dport 8080 return", "ip daddr 10.244.0.3 tcp dport 8081 return",
				"ip daddr 10.244.0.4 tcp dport 9090 return", end}},
		"block with exceptions": {`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.244.0.0/16, except: [10.244.0.4/32, 10.244.9.0/24]}}],
			ports: [{port: web}, {port: 1}]}]}`, nil,
			[]string{"ip daddr 10.244.0.2 return", "ip daddr 10.244.0.2 tcp dport 8080 return", "ip daddr 10.244.0.3 tcp dport 8081 return",
				"ip daddr 10.244.0.0/16 ip daddr != 10.244.0.4/32 ip daddr != 10.244.9.0/24 tcp dport 1 return", end}},
		"block of IPv6": {`{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: "::/0"}}]}]}`, nil, []string{"ip daddr 10.244.0.2 return", end}},
	} {
		t.Run(name, func(t *testing.T) {
			rules := town(c.policy).rules(network, "drop")
			for chainName, want := range map[string][]string{"to_10_244_0_2": c.till, "from_10_244_0_2": c.from} {
				if got := chain(t, rules, chainName); strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Errorf("%s:\n%s\nwant:\n%s", chainName, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			acceptable(t, rules)
		})
	}
}

func TestPoliciesAddUp(t *testing.T) {
	rules := town(`{podSelector: {}, policyTypes: [Ingress]}`, `{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 1}]}]}`,
		`{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 2}]}]}`).rules(network, verdicts["reject"])
	want := "ip saddr 10.244.0.2 return|tcp dport 1 return|tcp dport 2 return|counter reject with icmp type admin-prohibited"
	if got := strings.Join(chain(t, rules, "to_10_244_0_2"), "|"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	acceptable(t, rules)
}

func TestStrangersAreCutOff(t *testing.T) {
	rules := town().rules(network, "drop")
	for _, line := range []string{
		"ip saddr 10.244.0.0/24 ip saddr != { 10.244.0.2, 10.244.0.3, 10.244.0.4 } counter drop",
		"ip daddr 10.244.0.0/24 ip daddr != { 10.244.0.2, 10.244.0.3, 10.244.0.4 } counter drop",
	} {
		if !strings.Contains(rules, line) {
			t.Errorf("no %q in\n%s", line, rules)
		}
	}
	none := (&cluster{}).rules(network, "drop")
	if !strings.Contains(none, "ip saddr 10.244.0.0/24 counter drop") {
		t.Error("without pods, some of their network passes:\n" + none)
	}
	acceptable(t, none)
}

func TestSidecarsHavePorts(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	p := pod("shop", "p", "10.244.0.9", nil)
	p.Spec.InitContainers = []corev1.Container{
		{Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 1}}},
		{RestartPolicy: &always, Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 2}}},
	}
	if got := named(p, "web", corev1.ProtocolTCP); len(got) != 1 || got[0] != 2 {
		t.Errorf("web is %v, want [2]", got)
	}
}

// acceptable has nft itself read the rules, where there is one and it may.
func acceptable(t *testing.T, rules string) {
	t.Helper()
	if exec.Command("nft", "-c", "list", "ruleset").Run() != nil {
		t.Log("nft cannot be asked here")
		return
	}
	check := exec.Command("nft", "-c", "-f", "-")
	check.Stdin = strings.NewReader(rules)
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("nft: %v: %s\n%s", err, out, rules)
	}
}
