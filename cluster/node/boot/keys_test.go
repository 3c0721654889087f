package boot

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
)

func TestAuthoritySignsServersAndUsers(t *testing.T) {
	ca, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.certificate)
	for name, c := range map[string]struct {
		template *x509.Certificate
		usage    x509.ExtKeyUsage
		host     string
	}{
		"server": {server("s", "", []string{"kubernetes"}, serviceAddress), x509.ExtKeyUsageServerAuth, serviceAddress},
		"user":   {user("u", "g"), x509.ExtKeyUsageClientAuth, ""},
	} {
		certificate, key, err := ca.sign(c.template)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		block, _ := pem.Decode(certificate)
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{c.usage}, DNSName: c.host}
		if _, err := parsed.Verify(options); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
