// The last CNI plugin of the chain: it tells the enforcer which address a pod has got, and lets the pod's containers start when
// the policies hold for it. It changes nothing itself.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

const patience = 30 * time.Second

// chained is what CNI hands to a plugin in a chain.
type chained struct {
	CNIVersion string          `json:"cniVersion"`
	Socket     string          `json:"socket"`
	PrevResult json.RawMessage `json:"prevResult"`
}

func main() {
	if err := run(); err != nil {
		_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"cniVersion": "0.4.0", "code": 100, "msg": err.Error()})
		os.Exit(1)
	}
}

func run() error {
	if os.Getenv("CNI_COMMAND") == "VERSION" {
		fmt.Println(`{"cniVersion": "0.4.0", "supportedVersions": ["0.4.0"]}`)
		return nil
	}
	var asked chained
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("cannot read what CNI hands over: %w", err)
	}
	if os.Getenv("CNI_COMMAND") != "ADD" {
		return nil // the enforcer sees from the API that a pod is gone
	}
	pod, err := describe(asked.PrevResult, os.Getenv("CNI_ARGS"))
	if err != nil {
		return err
	}
	if err := admit(asked.Socket, pod); err != nil {
		return err
	}
	_, err = os.Stdout.Write(asked.PrevResult)
	return err
}

// describe takes the pod from CNI's arguments and its IPv4 address from what the plugins before have made.
func describe(result []byte, arguments string) (map[string]string, error) {
	var made struct {
		IPs []struct{ Address string } `json:"ips"`
	}
	if err := json.Unmarshal(result, &made); err != nil {
		return nil, fmt.Errorf("cannot read what the plugins before made: %w", err)
	}
	pod := map[string]string{}
	for _, ip := range made.IPs {
		if address, _, err := net.ParseCIDR(ip.Address); err == nil && address.To4() != nil {
			pod["IP"] = address.String()
		}
	}
	for _, pair := range strings.Split(arguments, ";") {
		name, value, _ := strings.Cut(pair, "=")
		if key, known := map[string]string{"K8S_POD_NAMESPACE": "Namespace", "K8S_POD_NAME": "Name", "K8S_POD_UID": "UID"}[name]; known {
			pod[key] = value
		}
	}
	if pod["IP"] == "" || pod["Namespace"] == "" || pod["Name"] == "" {
		return nil, fmt.Errorf("no pod with an IPv4 address: %q, %s", arguments, result)
	}
	return pod, nil
}

func admit(socket string, pod map[string]string) error {
	connection, err := net.DialTimeout("unix", socket, patience)
	if err != nil {
		return fmt.Errorf("the enforcer of network policies does not answer: %w", err)
	}
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := json.NewEncoder(connection).Encode(pod); err != nil {
		return err
	}
	answer, err := io.ReadAll(connection)
	if err == nil && string(answer) != "ok" {
		err = fmt.Errorf("%s", answer)
	}
	return err
}
