// Package netpol enforces NetworkPolicies (networking.k8s.io/v1) on a cluster of one node with one nftables table.
//
// It watches pods, namespaces and policies, and on each change replaces the whole table in one transaction: there is no moment
// without rules or with half of them. IPv4 only, as the cluster is.
package netpol

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	settle = 20 * time.Millisecond // a burst of events is one change
	again  = time.Second
)

// options are how denied packets end and what is known about the network.
type options struct {
	kubeconfig string
	network    string // of all pods
	denied     string // drop or reject
	dump       string // file for the rules in force
	socket     string // where pods are admitted
}

// NewCommand returns the component "netpol".
func NewCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{Use: "netpol", SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		return watch(context.Background(), o)
	}}
	f := cmd.Flags()
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig file")
	f.StringVar(&o.network, "pod-network", "", "the CIDR of all pods")
	f.StringVar(&o.denied, "denied", "drop", "what happens to a denied packet: drop or reject")
	f.StringVar(&o.socket, "socket", "", "socket at which pods are admitted")
	f.StringVar(&o.dump, "dump", "", "file that gets the rules in force")
	return cmd
}

func watch(ctx context.Context, o options) error {
	if verdicts[o.denied] == "" {
		return fmt.Errorf("--denied is drop or reject, not %q", o.denied)
	}
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	api, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(api, 0)
	pods, namespaces, policies := factory.Core().V1().Pods(), factory.Core().V1().Namespaces(), factory.Networking().V1().NetworkPolicies()
	changed := make(chan struct{}, 1)
	note := func(any) {
		select {
		case changed <- struct{}{}:
		default: // one is noted already
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: note, DeleteFunc: note, UpdateFunc: func(_, now any) { note(now) }}
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("cannot list %s", kind)
		}
	}
	listener, err := net.Listen("unix", o.socket)
	if err != nil {
		return err
	}
	admitted := &admissions{byIP: map[string]*Admission{}, changed: func() { note(nil) }}
	go admitted.serve(listener)
	note(nil)
	inForce := ""
	for range changed {
		time.Sleep(settle)
		var seen cluster
		for _, err := range []error{
			list(&seen.pods, pods.Lister().List), list(&seen.namespaces, namespaces.Lister().List), list(&seen.policies, policies.Lister().List),
		} {
			if err != nil {
				return err
			}
		}
		var met []*Admission
		seen.pods, met = admitted.addressed(seen.pods)
		rules := seen.rules(o.network, verdicts[o.denied])
		if rules == inForce {
			admitted.tell(met)
			continue
		}
		if err := apply(ctx, rules); err != nil {
			fmt.Fprintln(os.Stderr, err)
			time.AfterFunc(again, func() { note(nil) })
			continue
		}
		inForce = rules
		admitted.tell(met)
		fmt.Fprintf(os.Stderr, "%s applied %d policies to %d pods\n", time.Now().Format("15:04:05.000"), len(seen.policies), len(seen.pods))
		if o.dump != "" {
			if err := os.WriteFile(o.dump, []byte(rules), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func list[T any](into *[]T, from func(labels.Selector) ([]T, error)) (err error) {
	*into, err = from(labels.Everything())
	return err
}

func apply(ctx context.Context, rules string) error {
	nft := exec.CommandContext(ctx, "nft", "-f", "-")
	nft.Stdin = strings.NewReader(rules)
	if out, err := nft.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s\n%s", err, out, rules)
	}
	return nil
}
