package boot

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sort"
	"time"
)

const (
	kube             = distOnNode + "/bin/kube"
	containerdSocket = "/run/containerd/containerd.sock"
	patience         = 120 * time.Second // a busy machine is slow; what is broken ends long before
)

// node is what is brought up, in which order.
type node struct {
	options
	*processes
	began   time.Time
	timings string // when each stage was reached
}

// bringUp starts everything and returns when pods can run and names are answered.
func (n *node) bringUp() error {
	runtime := make(chan error, 1)
	go func() { runtime <- n.bringUpRuntime() }()
	if err := n.bringUpControl(); err != nil {
		return err
	}
	if err := <-runtime; err != nil { // images first: the kubelet does not ask again soon for one it did not find
		return err
	}
	return n.bringUpNode()
}

func (n *node) bringUpRuntime() error {
	if err := n.component("containerd", "containerd", "-c", "/etc/containerd.toml"); err != nil {
		return err
	}
	if err := until("containerd answers", func() error {
		c, err := net.Dial("unix", containerdSocket)
		if err == nil {
			_ = c.Close()
		}
		return err
	}); err != nil {
		return err
	}
	archives, err := filepath.Glob(distOnNode + "/images/*.tar")
	if err != nil || len(archives) == 0 {
		return errors.New("no images in " + distOnNode + "/images: build again (cluster build --again)")
	}
	sort.Strings(archives)
	for _, archive := range archives {
		if err := n.run(patience, "images", "ctr", "-n", "k8s.io", "images", "import", archive); err != nil {
			return err
		}
	}
	n.reached("images")
	return nil
}

func (n *node) bringUpControl() error {
	if err := n.component("etcd", etcd()...); err != nil {
		return err
	}
	if err := n.component("kube-apiserver", apiServer()...); err != nil {
		return err
	}
	api, err := newAPI()
	if err != nil {
		return err
	}
	if err := until("the API server is ready", api.ready); err != nil {
		return err
	}
	n.reached("api")
	if err := forward(n.apiFD, "127.0.0.1:6443"); err != nil {
		return err
	}
	if n.enforce { // before there is any pod
		if err := n.component("netpol", kube, "netpol", "--kubeconfig", keyFolder+"/netpol.conf", "--pod-network", podNetwork,
			"--denied", n.denied, "--socket", "/run/netpol.sock", "--dump", "/var/log/netpol.nft"); err != nil {
			return err
		}
	}
	for _, name := range []string{"controller-manager", "scheduler"} {
		if err := n.component("kube-"+name, controllers[name]...); err != nil {
			return err
		}
	}
	return n.run(patience, "addons", kube, "kubectl", "--kubeconfig", keyFolder+"/admin.conf", "create", "-f", distOnNode+"/manifests")
}

func (n *node) bringUpNode() error {
	if err := n.component("kube-proxy", kube, "kube-proxy", "--config", "/etc/kubernetes/proxy.yaml"); err != nil {
		return err
	}
	if err := n.component("kubelet", kube, "kubelet", "--config", "/etc/kubernetes/kubelet.yaml", "--kubeconfig", keyFolder+"/kubelet.conf",
		"--node-ip", nodeAddress, "--hostname-override", nodeName, "--root-dir", "/var/lib/kubelet", "--cgroup-root", n.cgroup); err != nil {
		return err
	}
	api, err := newAPI()
	if err != nil {
		return err
	}
	for _, stage := range []struct {
		name, what string
		reached    func() error
	}{
		{"node", "the node is Ready", api.nodeReady},
		{"accounts", "namespaces have their default account", api.accountsReady},
		{"dns", "names are answered", api.namesReady},
	} {
		if err := until(stage.what, stage.reached); err != nil {
			return err
		}
		n.reached(stage.name)
	}
	return nil
}

func (n *node) reached(stage string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.timings += fmt.Sprintf("%s %.1f s\n", stage, time.Since(n.began).Seconds())
}

// until asks again until there is no error.
func until(what string, ask func() error) error {
	for end := time.Now().Add(patience); ; time.Sleep(25 * time.Millisecond) {
		err := ask()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("waited %s until %s: %w", patience, what, err)
		}
	}
}
