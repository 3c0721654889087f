package boot

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Where the machine's folders stand on the node.
const (
	stateOnNode = "/state"
	distOnNode  = "/opt/turnstile"
	nodeName    = "node"
)

// programs of the machine, read only; everything else of the node lies in memory and goes with its mount namespace.
var fromMachine = []string{"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc/alternatives", "etc/ld.so.cache"}

var devices = []string{"null", "zero", "full", "random", "urandom", "tty", "kmsg"}

// tunables are machine-wide settings that the kubelet demands and would change. It finds files with the demanded values in
// their place: nothing of the machine is changed, so nothing has to be restored.
var tunables = map[string]string{
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// enterRoot gives the node a root of its own: memory, the machine's programs read only, and two of its folders.
func enterRoot(o options) error {
	root := filepath.Join(o.state, "root")
	t := &tree{root: root}
	t.do("make mounts private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.mkdir("")
	t.mount("tmpfs", "tmpfs", "", 0, "mode=755")
	for _, dir := range []string{"dev", "etc/cni/net.d", "etc/kubernetes", "opt/cni/bin", "proc", "root", "run/lock", "sys", "var/lib/kubelet",
		"var/lib/cni", "var/lib/containerd", "var/lib/etcd", "var/log", ".machine"} {
		t.mkdir(dir)
	}
	t.mkdir("tmp")
	t.do("open /tmp", os.Chmod(t.at("tmp"), 0o1777))
	t.do("link /var/run", os.Symlink("/run", t.at("var/run")))
	for _, name := range fromMachine {
		t.machine(name)
	}
	t.bind(o.dist, distOnNode, true)
	t.bind(o.state, stateOnNode, false)
	t.bind(filepath.Join(o.state, "log"), "var/log", false)
	t.devices()
	t.kernel()
	t.do("pivot_root", unix.PivotRoot(root, t.at(".machine")))
	t.do("chdir", os.Chdir("/"))
	t.do("leave the machine's root", unix.Unmount("/.machine", unix.MNT_DETACH))
	t.do("remove .machine", os.Remove("/.machine"))
	t.do("share mounts with pods", unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""))
	t.do("set the host name", unix.Sethostname([]byte(nodeName)))
	return t.err
}

// tree makes mounts below a root until the first error.
type tree struct {
	root string
	err  error
}

func (t *tree) at(path string) string { return filepath.Join(t.root, path) }

func (t *tree) do(what string, err error) {
	if t.err == nil && err != nil {
		t.err = fmt.Errorf("cannot %s: %w", what, err)
	}
}

func (t *tree) mkdir(path string) {
	if t.err == nil {
		t.do("make "+path, os.MkdirAll(t.at(path), 0o755))
	}
}

func (t *tree) mount(source, kind, path string, flags uintptr, data string) {
	if t.err == nil {
		t.do("mount "+kind+" on /"+path, unix.Mount(source, t.at(path), kind, flags, data))
	}
}

// bind shows a path of the machine at a path of the node.
func (t *tree) bind(source, path string, readOnly bool) {
	if t.err != nil {
		return
	}
	info, err := os.Stat(source)
	switch {
	case err != nil:
		t.do("find "+source, err)
	case info.IsDir():
		t.mkdir(path)
	default:
		t.mkdir(filepath.Dir(path))
		if _, err := os.Stat(t.at(path)); err != nil {
			t.do("make "+path, os.WriteFile(t.at(path), nil, 0o600))
		}
	}
	t.mount(source, "", path, unix.MS_BIND, "")
	if readOnly {
		t.mount("", "", path, unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
	}
}

// machine shows a program folder of the machine under its own name; a link (/bin → usr/bin) is made again.
func (t *tree) machine(name string) {
	source := "/" + name
	info, err := os.Lstat(source)
	if err != nil {
		return // not every machine has each of them
	}
	if info.Mode()&os.ModeSymlink == 0 {
		t.bind(source, name, true)
		return
	}
	target, err := os.Readlink(source)
	t.do("read "+source, err)
	if t.err == nil {
		t.do("link "+name, os.Symlink(target, t.at(name)))
	}
}

func (t *tree) devices() {
	t.mount("tmpfs", "tmpfs", "dev", 0, "mode=755")
	for _, name := range devices {
		t.bind("/dev/"+name, "dev/"+name, false)
	}
	t.mkdir("dev/pts")
	t.mount("devpts", "devpts", "dev/pts", 0, "newinstance,ptmxmode=0666,mode=620")
	t.mkdir("dev/shm")
	t.mount("tmpfs", "tmpfs", "dev/shm", 0, "mode=1777")
	for name, target := range map[string]string{"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		if t.err == nil {
			t.do("link /dev/"+name, os.Symlink(target, t.at("dev/"+name)))
		}
	}
}

// kernel mounts proc, sys and the cgroups. Machine-wide settings cannot be changed from the node, those of its own network can.
func (t *tree) kernel() {
	t.mount("proc", "proc", "proc", 0, "")
	t.bind(t.at("proc/sys"), "proc/sys", true)
	t.bind(t.at("proc/sys/net"), "proc/sys/net", false)
	t.mount("", "", "proc/sys/net", unix.MS_BIND|unix.MS_REMOUNT, "")
	if _, err := os.Stat(t.at("proc/sysrq-trigger")); err == nil {
		t.bind(t.at("proc/sysrq-trigger"), "proc/sysrq-trigger", true)
	}
	for name, value := range tunables {
		if _, err := os.Stat(t.at("proc/sys/" + name)); err != nil {
			continue
		}
		demanded := "run/tunables/" + name
		t.mkdir(filepath.Dir(demanded))
		if t.err == nil {
			t.do("write "+demanded, os.WriteFile(t.at(demanded), []byte(value+"\n"), 0o600))
		}
		t.bind(t.at(demanded), "proc/sys/"+name, false)
	}
	t.mount("sysfs", "sysfs", "sys", unix.MS_RDONLY, "")
	t.mount("/sys/fs/cgroup", "", "sys/fs/cgroup", unix.MS_BIND|unix.MS_REC, "")
}
