// Package boot is the first process (PID 1) of the node: it builds the node's root, network and keys, starts every component,
// tells when the cluster is ready, and ends with the first component that ends.
//
// It is started in fresh mount, network, PID, IPC and UTS namespaces. The kernel ends everything in a PID namespace with its
// first process, and frees the mounts and the network with the last: however this process ends, nothing of the node stays.
package boot

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// options are what the machine's side decides.
type options struct {
	state   string // folder on the machine: kubeconfig, ready or failed, log/
	dist    string // folder on the machine: bin/, images/, manifests/
	cgroup  string // parent of the pods' cgroups
	apiFD   int    // a listening socket of the machine's network
	apiPort int    // its port
	enforce bool   // whether network policies are enforced
	denied  string // what happens to a denied packet
}

// NewCommand returns the component "boot".
func NewCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "boot", SilenceUsage: true, SilenceErrors: true, RunE: func(*cobra.Command, []string) error {
		err := run(o)
		if err != nil {
			tell(stateFolder(o), "failed", err.Error())
		}
		return err
	}}
	f := cmd.Flags()
	f.StringVar(&o.state, "state", "", "folder for kubeconfig, logs and what became of the cluster")
	f.StringVar(&o.dist, "dist", "", "folder with bin, images and manifests")
	f.StringVar(&o.cgroup, "cgroup", "", "parent of the pods' cgroups")
	f.IntVar(&o.apiFD, "api-fd", 3, "listening socket that is forwarded to the API server")
	f.IntVar(&o.apiPort, "api-port", 0, "port of that socket")
	f.BoolVar(&o.enforce, "enforce", true, "enforce network policies")
	f.StringVar(&o.denied, "denied", "drop", "what happens to a denied packet: drop or reject")
	return cmd
}

func run(o options) error {
	if os.Getpid() != 1 {
		return fmt.Errorf("boot must be the first process of a PID namespace, is %d: call 'cluster up'", os.Getpid())
	}
	began := time.Now()
	for _, step := range []func(options) error{enterRoot, makeNetwork, writeKeys, writeFiles} {
		if err := step(o); err != nil {
			return err
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	processes := newProcesses("/var/log")
	n := &node{options: o, processes: processes, began: began}
	brought := make(chan error, 1)
	go func() { brought <- n.bringUp() }()
	for {
		select {
		case err := <-brought:
			if err != nil {
				return err
			}
			tell(stateOnNode, "ready", n.timings)
		case ended := <-processes.ended:
			return fmt.Errorf("%s (see log/%s.log)", ended, ended.name)
		case <-signals:
			return nil
		}
	}
}

// stateFolder is where the state is: on the machine's path until the node has its own root.
func stateFolder(o options) string {
	if _, err := os.Stat(stateOnNode); err == nil {
		return stateOnNode
	}
	return o.state
}

// tell writes one fact for the machine's side, whole or not at all.
func tell(folder, name, text string) {
	part := filepath.Join(folder, "."+name)
	if os.WriteFile(part, []byte(text+"\n"), 0o600) == nil {
		_ = os.Rename(part, filepath.Join(folder, name))
	}
}
