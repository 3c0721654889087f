package boot

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const searched = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// processes are the node's own children. The first process of a PID namespace also inherits every orphan, so one place waits for
// all of them.
type processes struct {
	logs    string // folder
	mu      sync.Mutex
	waiting map[int]chan<- unix.WaitStatus
	ended   chan end // a component ended, which none should
}

// end is a component that ended and what it ended with.
type end struct {
	name   string
	status unix.WaitStatus
}

func (e end) String() string {
	if e.status.Signaled() {
		return fmt.Sprintf("%s was ended by signal %d", e.name, e.status.Signal())
	}
	return fmt.Sprintf("%s ended with status %d", e.name, e.status.ExitStatus())
}

func newProcesses(logs string) *processes {
	_ = os.Setenv("PATH", searched)
	p := &processes{logs: logs, waiting: map[int]chan<- unix.WaitStatus{}, ended: make(chan end, 16)}
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	go func() {
		for range children {
			p.reap()
		}
	}()
	return p
}

func (p *processes) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if pid <= 0 || err != nil {
			return
		}
		if done, ours := p.waiting[pid]; ours {
			delete(p.waiting, pid)
			done <- status
		}
	}
}

// start runs a program with its output in a log of that name; the channel tells how it ended.
func (p *processes) start(name string, argv []string) (<-chan unix.WaitStatus, error) {
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", argv[0], err)
	}
	log, err := os.OpenFile(filepath.Join(p.logs, name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	done := make(chan unix.WaitStatus, 1)
	p.mu.Lock() // held until it is known whose it is: it may end at once
	defer p.mu.Unlock()
	pid, err := syscall.ForkExec(program, argv, &syscall.ProcAttr{
		Dir: "/", Files: []uintptr{0, log.Fd(), log.Fd()},
		Env: []string{"PATH=" + searched, "HOME=/root"},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", argv[0], err)
	}
	p.waiting[pid] = done
	return done, nil
}

// component runs a program that must not end.
func (p *processes) component(name string, argv ...string) error {
	done, err := p.start(name, argv)
	if err == nil {
		go func() { p.ended <- end{name, <-done} }()
	}
	return err
}

// run runs a program to its end.
func (p *processes) run(limit time.Duration, name string, argv ...string) error {
	done, err := p.start(name, argv)
	if err != nil {
		return err
	}
	select {
	case status := <-done:
		if !status.Exited() || status.ExitStatus() != 0 {
			return fmt.Errorf("%s (see log/%s.log)", end{name, status}, name)
		}
		return nil
	case <-time.After(limit):
		return fmt.Errorf("%s did not end in %s (see log/%s.log)", name, limit, name)
	}
}
