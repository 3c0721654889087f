package boot

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	keyFolder  = "/etc/kubernetes"
	apiOnNode  = "https://127.0.0.1:6443"
	validity   = 7 * 24 * time.Hour // longer than any run
	adminGroup = "system:masters"
)

// client is a user of the API with a kubeconfig of its own.
type client struct{ file, user, group string }

var clients = []client{
	{"admin", "admin", adminGroup},
	// One account for all controllers instead of one each: with those the default account of a namespace comes 4 s later.
	{"controller-manager", "system:kube-controller-manager", adminGroup},
	{"scheduler", "system:kube-scheduler", ""},
	{"kubelet", "system:node:" + nodeName, "system:nodes"},
	{"proxy", "system:kube-proxy", ""},
	{"netpol", "turnstile:netpol", adminGroup},
}

// writeKeys makes the cluster's authority, what it signs, and the kubeconfig for the machine.
func writeKeys(o options) error {
	ca, err := newAuthority()
	if err != nil {
		return fmt.Errorf("cannot make keys: %w", err)
	}
	files := map[string][]byte{"ca.crt": ca.certificate}
	names := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	add := func(name string, template *x509.Certificate) error {
		certificate, key, err := ca.sign(template)
		files[name+".crt"], files[name+".key"] = certificate, key
		return err
	}
	for name, template := range map[string]*x509.Certificate{
		"apiserver":      server("kube-apiserver", "", names, "127.0.0.1", nodeAddress, serviceAddress),
		"kubelet-server": server("system:node:"+nodeName, "system:nodes", []string{nodeName}, "127.0.0.1", nodeAddress),
		"kubelet-client": user("kube-apiserver-kubelet-client", adminGroup),
	} {
		if err := add(name, template); err != nil {
			return fmt.Errorf("cannot make keys: %w", err)
		}
	}
	for _, c := range clients {
		if err := add(c.file, user(c.user, c.group)); err != nil {
			return fmt.Errorf("cannot make keys: %w", err)
		}
		files[c.file+".conf"] = kubeconfig(apiOnNode, ca.certificate, files[c.file+".crt"], files[c.file+".key"])
	}
	if files["sa.key"], files["sa.pub"], err = accountKeys(); err != nil {
		return fmt.Errorf("cannot make keys: %w", err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(keyFolder, name), data, 0o600); err != nil {
			return err
		}
	}
	outside := kubeconfig(fmt.Sprintf("https://127.0.0.1:%d", o.apiPort), ca.certificate, files["admin.crt"], files["admin.key"])
	return os.WriteFile(filepath.Join(stateOnNode, "kubeconfig"), outside, 0o600)
}

type authority struct {
	template    *x509.Certificate
	key         *ecdsa.PrivateKey
	certificate []byte
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &authority{key: key, template: &x509.Certificate{
		Subject: pkix.Name{CommonName: "turnstile-cluster"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}}
	a.certificate, err = a.issue(a.template, &key.PublicKey)
	return a, err
}

func (a *authority) issue(template *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(validity)
	der, err := x509.CreateCertificate(rand.Reader, template, a.template, public, a.key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

func (a *authority) sign(template *x509.Certificate) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if certificate, err = a.issue(template, &private.PublicKey); err != nil {
		return nil, nil, err
	}
	key, err = encodeKey(private)
	return certificate, key, err
}

func server(name, group string, names []string, addresses ...string) *x509.Certificate {
	template := leaf(name, group, x509.ExtKeyUsageServerAuth)
	template.DNSNames = names
	for _, a := range addresses {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(a))
	}
	return template
}

func user(name, group string) *x509.Certificate { return leaf(name, group, x509.ExtKeyUsageClientAuth) }

func leaf(name, group string, usage x509.ExtKeyUsage) *x509.Certificate {
	subject := pkix.Name{CommonName: name}
	if group != "" {
		subject.Organization = []string{group}
	}
	return &x509.Certificate{Subject: subject, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage}, BasicConstraintsValid: true}
}

func accountKeys() (private, public []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	private, err = encodeKey(key)
	return private, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), err
}

func kubeconfig(server string, ca, certificate, key []byte) []byte {
	encode := base64.StdEncoding.EncodeToString
	var b bytes.Buffer
	fmt.Fprintf(&b, `apiVersion: v1
kind: Config
clusters: [{name: turnstile, cluster: {server: "%s", certificate-authority-data: %s}}]
users: [{name: turnstile, user: {client-certificate-data: %s, client-key-data: %s}}]
contexts: [{name: turnstile, context: {cluster: turnstile, user: turnstile}}]
current-context: turnstile
`, server, encode(ca), encode(certificate), encode(key))
	return b.Bytes()
}
