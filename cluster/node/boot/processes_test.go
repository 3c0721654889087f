package boot

import (
	"testing"
	"time"
)

func TestEndsAreTold(t *testing.T) {
	p := newProcesses(t.TempDir()) // one: it waits for all children
	for status, want := range map[string]string{"exit 3": "x ended with status 3", "kill -9 $$": "x was ended by signal 9"} {
		if err := p.component("x", "sh", "-c", status); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-p.ended:
			if e.String() != want {
				t.Errorf("%q, want %q", e, want)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s: no end was told", status)
		}
	}
}
