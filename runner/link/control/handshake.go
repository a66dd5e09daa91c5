package control

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"time"
)

// HandshakeTimeout bounds connecting, and the handshake on either side.
const HandshakeTimeout = 3 * time.Second

// keyInfo sets the key apart from all else that a secret might be used for (RFC
// 5869, section 3.2).
const keyInfo = "sendbench control protocol, Ed25519"

// errOtherSecret is that the other side's certificate is of another key.
var errOtherSecret = errors.New("the secrets differ")

// identity is what holders of one secret show each other.
type identity struct {
	certificate tls.Certificate
	public      ed25519.PublicKey
}

// newIdentity derives the key pair and signs its certificate. They are the same
// each time, so that both sides have them without having met.
func newIdentity(secret []byte) (*identity, error) {
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	seed, err := hkdf.Key(sha256.New, secret, nil, keyInfo, ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("control: derive the key: %w", err)
	}
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey)
	// The certificate carries the key and says nothing else: nobody looks at its
	// names and times.
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		return nil, fmt.Errorf("control: make the certificate: %w", err)
	}
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, public}, nil
}

// config is the TLS configuration of either side.
func (id *identity) config() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{id.certificate},
		ClientAuth:   tls.RequireAnyClientCert,
		// There is no authority and no name to verify. That the other side holds the
		// secret is what counts: VerifyConnection compares its public key, and TLS
		// itself has it prove possession of the private one (RFC 8446, 4.4.3).
		InsecureSkipVerify: true,
		VerifyConnection:   id.verify,
		// A ticket would let a connection do without that proof.
		SessionTicketsDisabled: true,
	}
}

func (id *identity) verify(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 || !id.public.Equal(state.PeerCertificates[0].PublicKey) {
		return errOtherSecret
	}
	return nil
}

// shake does a side's handshake.
func shake(ctx context.Context, conn *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, HandshakeTimeout)
	defer cancel()
	return conn.HandshakeContext(ctx)
}

// otherSecret tells whether a connection failed since the secrets differ: the side
// that notices has errOtherSecret and tells the other with an alert.
func otherSecret(err error) bool {
	var op *net.OpError
	return errors.Is(err, errOtherSecret) ||
		errors.As(err, &op) && op.Op == "remote error" && op.Err.Error() == badCertificate.Error()
}

// badCertificate is the alert for a certificate that VerifyConnection refuses (RFC
// 8446, 6.2). That of the other side comes as a net.OpError around a type that
// crypto/tls keeps to itself, with the same words.
const badCertificate tls.AlertError = 42

// dialFailure says why a connection to a receiver didn't come about.
func dialFailure(to string, err error) error {
	var record tls.RecordHeaderError
	switch {
	case otherSecret(err):
		return fmt.Errorf("control: the receiver at %s has another secret: copy its secret file: %w", to, err)
	case errors.As(err, &record):
		return fmt.Errorf("control: what listens at %s is no sendbench recv: %w", to, err)
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("control: what listens at %s doesn't answer as a receiver within %v: %w", to, HandshakeTimeout, err)
	case errors.Is(err, io.EOF) || isReset(err):
		return fmt.Errorf("control: the receiver at %s closed the connection at once: it has too many, or it is no sendbench recv: %w", to, err)
	}
	return fmt.Errorf("control: agree on a secret with the receiver at %s: %w", to, err)
}

// strangerFailure says to a receiver's owner why a connection was refused.
func strangerFailure(err error) string {
	var record tls.RecordHeaderError
	switch {
	case otherSecret(err):
		return "it has another secret"
	case errors.As(err, &record):
		return "it doesn't speak TLS"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("its handshake took longer than %v", HandshakeTimeout)
	case errors.Is(err, io.EOF) || isReset(err):
		return "it went away during the handshake"
	}
	return fmt.Sprintf("its handshake failed: %q", err.Error())
}
