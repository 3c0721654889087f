package boot

import (
	"embed"
	"os"
	"path/filepath"
)

//go:embed files
var files embed.FS

// writeFiles lays down the configuration of containerd, CNI, kubelet and kube-proxy.
func writeFiles(o options) error {
	network := "cni.conflist"
	if !o.enforce {
		network = "cni-open.conflist"
	}
	for from, to := range map[string]string{
		"containerd.toml": "/etc/containerd.toml",
		network:           "/etc/cni/net.d/10-node.conflist",
		"kubelet.yaml":    keyFolder + "/kubelet.yaml",
		"proxy.yaml":      keyFolder + "/proxy.yaml",
		"passwd":          "/etc/passwd",
		"hosts":           "/etc/hosts",
		"resolv.conf":     "/etc/resolv.conf",
	} {
		data, err := files.ReadFile(filepath.Join("files", from))
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
	}
	return linkPlugins()
}

// linkPlugins puts the machine's CNI plugins and our own into the one folder where containerd looks.
func linkPlugins() error {
	plugins, err := filepath.Glob("/usr/lib/cni/*")
	if err != nil {
		return err
	}
	for _, plugin := range append(plugins, distOnNode+"/bin/admit") {
		if err := os.Symlink(plugin, filepath.Join("/opt/cni/bin", filepath.Base(plugin))); err != nil {
			return err
		}
	}
	return nil
}

// etcd lives in memory and as long as the node: nothing has to reach a disk.
func etcd() []string {
	return []string{kube, "etcd", "--data-dir", "/var/lib/etcd", "--unsafe-no-fsync", "--log-level", "warn",
		"--listen-client-urls", "http://127.0.0.1:2379", "--advertise-client-urls", "http://127.0.0.1:2379",
		"--listen-peer-urls", "http://127.0.0.1:2380", "--initial-advertise-peer-urls", "http://127.0.0.1:2380",
		"--initial-cluster", "default=http://127.0.0.1:2380"}
}

func apiServer() []string {
	k := keyFolder
	return []string{kube, "kube-apiserver", "--etcd-servers", "http://127.0.0.1:2379", "--secure-port", "6443", "--bind-address", "0.0.0.0",
		"--advertise-address", nodeAddress, "--service-cluster-ip-range", serviceNetwork, "--authorization-mode", "Node,RBAC",
		"--client-ca-file", k + "/ca.crt", "--tls-cert-file", k + "/apiserver.crt", "--tls-private-key-file", k + "/apiserver.key",
		"--kubelet-client-certificate", k + "/kubelet-client.crt", "--kubelet-client-key", k + "/kubelet-client.key",
		"--kubelet-certificate-authority", k + "/ca.crt", "--kubelet-preferred-address-types", "InternalIP",
		"--enable-admission-plugins", "NodeRestriction", "--service-account-issuer", "https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file", k + "/sa.pub", "--service-account-signing-key-file", k + "/sa.key",
		"--allow-privileged", "--profiling=false"}
}

// controllers are the parts of the control plane that need the API server. Nobody competes with them for a lease.
var controllers = map[string][]string{
	"controller-manager": {kube, "kube-controller-manager", "--kubeconfig", keyFolder + "/controller-manager.conf", "--leader-elect=false",
		"--root-ca-file", keyFolder + "/ca.crt", "--service-account-private-key-file", keyFolder + "/sa.key", "--bind-address", "127.0.0.1"},
	"scheduler": {kube, "kube-scheduler", "--kubeconfig", keyFolder + "/scheduler.conf", "--leader-elect=false", "--bind-address", "127.0.0.1"},
}
