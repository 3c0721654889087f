package main

import (
	"maps"
	"testing"
)

func TestDescribe(t *testing.T) {
	const arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=till-1;K8S_POD_UID=u;K8S_POD_INFRA_CONTAINER_ID=c"
	got, err := describe([]byte(`{"ips": [{"address": "fd00::1/64"}, {"address": "10.244.0.7/32"}]}`), arguments)
	want := map[string]string{"Namespace": "shop", "Name": "till-1", "UID": "u", "IP": "10.244.0.7"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for result, arguments := range map[string]string{`{"ips": []}`: arguments, `{"ips": [{"address": "10.244.0.7/32"}]}`: "IgnoreUnknown=1", `[`: arguments} {
		if got, err := describe([]byte(result), arguments); err == nil {
			t.Errorf("%s, %s: %v, want an error", result, arguments, got)
		}
	}
}
