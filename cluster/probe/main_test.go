package main

import (
	"slices"
	"testing"
)

func TestCommandIsTakenFromTheProgramsWordsOrAShells(t *testing.T) {
	for _, one := range []struct{ given, wanted []string }{
		{[]string{"/probe", "serve", "tcp/80"}, []string{"serve", "tcp/80"}},
		{[]string{"/bin/sh", "-c", "probe connect tcp/10.0.0.1/80 udp/10.0.0.1/53"}, []string{"connect", "tcp/10.0.0.1/80", "udp/10.0.0.1/53"}},
		{[]string{"/probe"}, nil},
		{[]string{"/bin/sh"}, nil},
		{[]string{"/bin/sh", "-c", ""}, nil},
		{[]string{"/bin/sh", "-c", "cat /etc/passwd"}, nil},
	} {
		found, err := command(one.given)
		if !slices.Equal(found, one.wanted) || (err == nil) != (one.wanted != nil) {
			t.Errorf("%q: %q, %v", one.given, found, err)
		}
	}
}

func TestQuestionIsAWellFormedQuery(t *testing.T) {
	// Twelve bytes of header, the name with a byte before each of its five labels and one after them, type and class.
	if wanted := 12 + len("kubernetes.default.svc.cluster.local") + 2 + 4; len(question) != wanted {
		t.Errorf("%d bytes, not %d", len(question), wanted)
	}
}
