package netpol

import (
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const patience = 20 * time.Second // then the kubelet makes a new attempt at the pod

// Admission is a pod that has just got its address: no container of it runs before the policies hold for it.
// The API tells addresses only after containers run.
type Admission struct {
	Namespace, Name, UID, IP string

	since   time.Time
	inForce chan struct{} // closed when the rules know the pod
}

// admissions are the addresses that the API may not tell yet.
type admissions struct {
	mu      sync.Mutex
	byIP    map[string]*Admission
	changed func()
}

// serve takes one admission a connection and answers "ok" when the rules hold for it.
func (a *admissions) serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = connection.Close() }()
			asked := &Admission{since: time.Now(), inForce: make(chan struct{})}
			if err := json.NewDecoder(connection).Decode(asked); err != nil || net.ParseIP(asked.IP) == nil {
				_, _ = fmt.Fprintf(connection, "not a pod's address: %v", err)
				return
			}
			a.add(asked)
			a.changed()
			select {
			case <-asked.inForce:
				_, _ = fmt.Fprint(connection, "ok")
			case <-time.After(patience):
				_, _ = fmt.Fprintf(connection, "pod %s/%s is not known after %s", asked.Namespace, asked.Name, patience)
			}
		}()
	}
}

// add takes the place of what was told before about the address, and about the pod.
func (a *admissions) add(asked *Admission) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ip, other := range a.byIP {
		if other.Namespace == asked.Namespace && other.Name == asked.Name && other.UID == asked.UID {
			delete(a.byIP, ip)
		}
	}
	a.byIP[asked.IP] = asked
}

// addressed gives pods the address that they were admitted with, which is newer than the API's. Admissions whose pod is gone are
// forgotten.
func (a *admissions) addressed(pods []*corev1.Pod) (all []*corev1.Pod, met []*Admission) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ip, admission := range a.byIP {
		found := false
		for i, p := range pods {
			if p.Namespace != admission.Namespace || p.Name != admission.Name || admission.UID != "" && string(p.UID) != admission.UID {
				continue
			}
			found = true
			met = append(met, admission)
			if p.Status.PodIP != ip {
				p = p.DeepCopy() // what informers hold is shared
				p.Status.PodIP = ip
				pods[i] = p
			}
		}
		if !found && time.Since(admission.since) > patience {
			delete(a.byIP, ip)
		}
	}
	return pods, met
}

// tell lets go the admissions that the rules in force know.
func (a *admissions) tell(met []*Admission) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, admission := range met {
		select {
		case <-admission.inForce:
		default:
			close(admission.inForce)
		}
	}
}
