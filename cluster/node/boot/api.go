package boot

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// api asks the API server for the few things that tell when the cluster is ready.
type api struct{ client *http.Client }

func newAPI() (*api, error) {
	ca, err := os.ReadFile(keyFolder + "/ca.crt")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	pair, err := tls.LoadX509KeyPair(keyFolder+"/admin.crt", keyFolder+"/admin.key")
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}}
	return &api{&http.Client{Transport: transport, Timeout: 5 * time.Second}}, nil
}

// get reads one object into v.
func (a *api) get(path string, v any) error {
	answer, err := a.client.Get(apiOnNode + path)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Status)
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(body, v)
}

func (a *api) ready() error { return a.get("/readyz", nil) }

func (a *api) nodeReady() error {
	var node struct {
		Status struct {
			Conditions []struct{ Type, Status, Message string }
		}
	}
	if err := a.get("/api/v1/nodes/"+nodeName, &node); err != nil {
		return err
	}
	for _, c := range node.Status.Conditions {
		if c.Type == "Ready" {
			if c.Status == "True" {
				return nil
			}
			return fmt.Errorf("the node is not Ready: %s", c.Message)
		}
	}
	return fmt.Errorf("the node tells nothing yet")
}

func (a *api) accountsReady() error {
	return a.get("/api/v1/namespaces/default/serviceaccounts/default", nil)
}

func (a *api) namesReady() error {
	var deployment struct {
		Status struct{ AvailableReplicas int }
	}
	if err := a.get("/apis/apps/v1/namespaces/kube-system/deployments/coredns", &deployment); err != nil {
		return err
	}
	if deployment.Status.AvailableReplicas == 0 {
		return fmt.Errorf("CoreDNS is not available")
	}
	return nil
}
