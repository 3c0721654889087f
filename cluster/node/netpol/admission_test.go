package netpol

import (
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestPodIsAdmittedWhenTheRulesKnowIt(t *testing.T) {
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	noted := make(chan struct{}, 1)
	a := &admissions{byIP: map[string]*Admission{}, changed: func() { noted <- struct{}{} }}
	go a.serve(listener)
	connection, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(connection).Encode(map[string]string{"Namespace": "shop", "Name": "new", "UID": "2", "IP": "10.244.0.9"}); err != nil {
		t.Fatal(err)
	}
	<-noted
	before, fresh := pod("shop", "new", "", nil), pod("shop", "new", "", nil)
	before.UID, fresh.UID = "1", "2"
	c := cluster{}
	if _, met := a.addressed([]*corev1.Pod{before}); len(met) != 0 {
		t.Error("admitted as an older pod of that name")
	}
	pods, met := a.addressed([]*corev1.Pod{before, fresh})
	if fresh.Status.PodIP != "" {
		t.Error("changed a pod that others see")
	}
	if c.pods = pods; !strings.Contains(c.rules(network, "drop"), "10.244.0.9") {
		t.Error("the rules do not know it")
	}
	a.tell(met)
	a.tell(met)
	if answer, _ := io.ReadAll(connection); string(answer) != "ok" {
		t.Errorf("answered %q", answer)
	}
}
