package boot

import (
	"fmt"
	"net"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// The node's addresses. They exist in its own network only, which has no way to the machine's.
const (
	nodeAddress    = "10.10.0.1"
	nodeNetwork    = "10.10.0.0/24"
	podNetwork     = "10.244.0.0/24"
	serviceNetwork = "10.96.0.0/16"
	serviceAddress = "10.96.0.1"
	hereAddress    = "100.127.255.1"
	outsideAddress = "100.127.255.2"
	outsideName    = "outside"
)

// makeNetwork makes the node's address and its only neighbour: "outside", a network namespace that answers for every address that
// is not the cluster's, so that connections to and from the outside can be tried without one.
func makeNetwork(options) error {
	runtime.LockOSThread() // making a network namespace moves the thread into it
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return fmt.Errorf("cannot find the node's network: %w", err)
	}
	defer func() { _ = here.Close() }()
	if err := makeNode(); err != nil {
		return err
	}
	outside, err := netns.NewNamed(outsideName)
	if err != nil {
		return fmt.Errorf("cannot make a network namespace: %w", err)
	}
	defer func() { _ = outside.Close() }()
	made := makeOutside()
	if err := netns.Set(here); err != nil {
		return fmt.Errorf("cannot return to the node's network: %w", err)
	}
	if made != nil {
		return made
	}
	return joinOutside(outside)
}

// makeNode gives the node an address on a bridge without ports: reachable from pods, part of nothing.
func makeNode() error {
	if err := raise("lo"); err != nil {
		return err
	}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "node0"}}
	if err := netlink.LinkAdd(bridge); err != nil {
		return missing("bridge", err)
	}
	if err := address("node0", nodeAddress+"/24"); err != nil {
		return err
	}
	pair := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "outside0"}, PeerName: "outside1"}
	if err := netlink.LinkAdd(pair); err != nil {
		return missing("veth", err)
	}
	if err := address("outside0", hereAddress+"/30"); err != nil {
		return err
	}
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return fmt.Errorf("cannot forward packets: %w", err)
	}
	// Of what the node says of denied connections the kernel would hold back all but some a second, and the others would wait in vain.
	if err := os.WriteFile("/proc/sys/net/ipv4/icmp_ratemask", []byte("0"), 0); err != nil {
		return fmt.Errorf("cannot let every denied connection be told: %w", err)
	}
	return nil
}

// makeOutside runs in the outside's namespace. Every address is its own, as far as no route leads elsewhere: so the routes are asked
// before the local addresses, other than usual.
func makeOutside() error {
	if err := raise("lo"); err != nil {
		return err
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("cannot find lo: %w", err)
	}
	everything := &netlink.Route{
		LinkIndex: lo.Attrs().Index, Dst: network("0.0.0.0/0"), Type: unix.RTN_LOCAL, Scope: netlink.SCOPE_HOST, Table: unix.RT_TABLE_LOCAL,
	}
	if err := netlink.RouteAdd(everything); err != nil {
		return fmt.Errorf("cannot answer for every address outside: %w", err)
	}
	for priority, table := range map[int]int{10: unix.RT_TABLE_MAIN, 20: unix.RT_TABLE_LOCAL} {
		if err := netlink.RuleAdd(rule(priority, table)); err != nil {
			return fmt.Errorf("cannot order the routes outside: %w; the kernel needs CONFIG_IP_MULTIPLE_TABLES", err)
		}
	}
	if err := netlink.RuleDel(rule(0, unix.RT_TABLE_LOCAL)); err != nil {
		return fmt.Errorf("cannot order the routes outside: %w", err)
	}
	return nil
}

func rule(priority, table int) *netlink.Rule {
	r := netlink.NewRule()
	r.Priority, r.Table, r.Family = priority, table, netlink.FAMILY_V4
	return r
}

// joinOutside puts one end of the cable into the outside, and the routes on both ends.
func joinOutside(outside netns.NsHandle) error {
	cable, err := netlink.LinkByName("outside1")
	if err == nil {
		err = netlink.LinkSetNsFd(cable, int(outside))
	}
	if err != nil {
		return fmt.Errorf("cannot lay a cable to the outside: %w", err)
	}
	there, err := netlink.NewHandleAt(outside, unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("cannot reach the outside's network: %w", err)
	}
	defer there.Close()
	end, err := there.LinkByName("outside1")
	if err == nil {
		err = there.AddrAdd(end, &netlink.Addr{IPNet: host(outsideAddress + "/32")})
	}
	if err == nil {
		err = there.LinkSetUp(end)
	}
	if err != nil {
		return fmt.Errorf("cannot raise the cable outside: %w", err)
	}
	routes := []*netlink.Route{{LinkIndex: end.Attrs().Index, Dst: network(hereAddress + "/32"), Scope: netlink.SCOPE_LINK}}
	for _, cidr := range []string{nodeNetwork, podNetwork, serviceNetwork} {
		routes = append(routes, &netlink.Route{Dst: network(cidr), Gw: net.ParseIP(hereAddress)})
	}
	for _, route := range routes {
		if err := there.RouteAdd(route); err != nil {
			return fmt.Errorf("cannot route %s from outside: %w", route.Dst, err)
		}
	}
	if err := netlink.RouteAdd(&netlink.Route{Dst: network("0.0.0.0/0"), Gw: net.ParseIP(outsideAddress)}); err != nil {
		return fmt.Errorf("cannot route to the outside: %w", err)
	}
	return nil
}

func raise(name string) error {
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		return fmt.Errorf("cannot raise %s: %w", name, err)
	}
	return nil
}

func address(name, cidr string) error {
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.AddrAdd(link, &netlink.Addr{IPNet: host(cidr)})
	}
	if err != nil {
		return fmt.Errorf("cannot give %s the address %s: %w", name, cidr, err)
	}
	return raise(name)
}

func missing(kind string, err error) error {
	return fmt.Errorf("cannot make a %s link: %w; the kernel needs its module: modprobe %s", kind, err, kind)
}

func network(cidr string) *net.IPNet {
	_, n, err := net.ParseCIDR(cidr)
	if err != nil {
		panic(err)
	}
	return n
}

func host(cidr string) *net.IPNet {
	ip, n, err := net.ParseCIDR(cidr)
	if err != nil {
		panic(err)
	}
	return &net.IPNet{IP: ip, Mask: n.Mask}
}
