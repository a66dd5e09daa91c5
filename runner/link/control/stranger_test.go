package control

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// plain connects without TLS. Reads end after a time that is far above any that the
// protocol has.
func (b *bench) plain(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// ended reads until the server has ended a connection.
func ended(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	got, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection was left open")
	}
	return got
}

// healthy makes sure that a server goes on.
func (b *bench) healthy(t *testing.T) {
	t.Helper()
	c, _ := b.agree(t)
	if err := c.Begin(t.Context(), Stretch{Size: 16}); err != nil {
		t.Error(err)
	}
	c.Close()
	await(t, b.over, "the session to be over")
}

// Someone without the secret gets no further than the handshake.
func TestStrangers(t *testing.T) {
	other, err := newIdentity([]byte("another secret, as long"))
	if err != nil {
		t.Fatal(err)
	}
	// A client that doesn't look whom it talks to, so that the server has to.
	careless := func(t *testing.T, b *bench, change func(*tls.Config)) {
		config := other.config()
		config.VerifyConnection = nil
		change(config)
		conn := tls.Client(b.plain(t), config)
		_ = conn.Handshake() // TLS 1.3: the server's verdict comes after it
		if text, err := encode(message{Kind: kindHello, Version: Version, ID: 1}); err == nil {
			_, _ = conn.Write(text)
		}
		if got := ended(t, conn); len(got) > 0 {
			t.Errorf("the server answered %q", got)
		}
	}
	for _, test := range []struct {
		name, why string
		try       func(*testing.T, *bench)
	}{
		{"another secret", "another secret", func(t *testing.T, b *bench) {
			_, err := Dial(t.Context(), b.address, []byte("another secret, as long"))
			if err == nil || !strings.Contains(err.Error(), "has another secret: copy its secret file") {
				t.Errorf("Dial: %v", err)
			}
		}},
		{"another secret, careless", "another secret", func(t *testing.T, b *bench) {
			careless(t, b, func(*tls.Config) {})
		}},
		{"no secret", "didn't provide a certificate", func(t *testing.T, b *bench) {
			careless(t, b, func(c *tls.Config) { c.Certificates = nil })
		}},
		{"the certificate without its key", "invalid signature by the client certificate", func(t *testing.T, b *bench) {
			careless(t, b, func(c *tls.Config) {
				c.Certificates = []tls.Certificate{{Certificate: b.server.identity.certificate.Certificate, PrivateKey: other.certificate.PrivateKey}}
			})
		}},
		{"TLS 1.2", "versions", func(t *testing.T, b *bench) {
			careless(t, b, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 })
		}},
		{"plain text", "doesn't speak TLS", func(t *testing.T, b *bench) {
			conn := b.plain(t)
			if _, err := conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			ended(t, conn)
		}},
		{"our own messages in plain text", "doesn't speak TLS", func(t *testing.T, b *bench) {
			conn := b.plain(t)
			if _, err := conn.Write(framed(`{"kind":"hello","version":1}`)); err != nil {
				t.Fatal(err)
			}
			ended(t, conn)
		}},
		{"nothing", "went away", func(t *testing.T, b *bench) { b.plain(t).Close() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := serve(t, nil)
			// Before anything is tried the server has to be there with its identity.
			b.healthy(t)
			test.try(t, b)
			if why := await(t, b.refused, "the refusal"); !strings.Contains(why, test.why) {
				t.Errorf("the server says %q, want %q", why, test.why)
			}
			b.healthy(t)
		})
	}
}

// Bytes that opened a session once don't open another.
func TestReplay(t *testing.T) {
	b := serve(t, nil)
	through, sent := b.relay(t)
	c, err := Dial(t.Context(), through, secret)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Agree(t.Context(), terms); err == nil {
		t.Error("it agrees by way of the recorder")
	}
	c.Close()
	recorded := await(t, sent, "the recording")
	await(t, b.over, "the recorded session to be over")

	replay := b.plain(t)
	if _, err := replay.Write(recorded); err != nil {
		t.Fatal(err)
	}
	if got := ended(t, replay); bytes.Contains(got, []byte("agreement")) {
		t.Errorf("the server answered %q", got)
	}
	if why := await(t, b.refused, "the refusal"); !strings.Contains(why, "handshake") {
		t.Errorf("the server says %q", why)
	}
	select {
	case s := <-b.over:
		t.Errorf("there was a session: %+v", s)
	default:
	}
	b.healthy(t)
}

func TestDialFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	first := make(chan string, 1) // what the other side says to each
	go func() {
		for words := range first {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, words)
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	defer close(first)
	for words, why := range map[string]string{
		"220 mail.example ESMTP\r\n": "is no sendbench recv",
		"":                           "closed the connection at once",
	} {
		first <- words
		if c, err := Dial(t.Context(), listener.Addr().String(), secret); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("to %q: got %v, %v, want %q", words, c, err, why)
		}
	}
	if _, err := Dial(t.Context(), listener.Addr().String(), []byte("short")); err == nil || !strings.Contains(err.Error(), "at least 16") {
		t.Errorf("with a short secret: %v", err)
	}
	closed := listener.Addr().String()
	listener.Close()
	if _, err := Dial(t.Context(), closed, secret); err == nil || !strings.Contains(err.Error(), "connect to the receiver") {
		t.Errorf("to a closed port: %v", err)
	}
}
