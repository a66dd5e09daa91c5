package control

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// openTimeout bounds the wait for an agreement: the receiver makes sockets and asks
// its drivers what they can do.
const openTimeout = 10 * time.Second

// answerTimeout bounds the wait for an answer that takes the receiver no time of
// its own.
const answerTimeout = 3 * time.Second

// errClosed is what Err returns after Close.
var errClosed = errors.New("control: this side closed the connection")

// RefusedError is a receiver's refusal of a request. The connection goes on.
type RefusedError struct {
	Receiver string // its address
	Reason   string // in its words
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("control: the receiver at %s refuses: %s", e.Receiver, e.Reason)
}

// Conn is a sender's connection to a receiver. Its methods may be called from any
// goroutine; requests of several are made one after the other. Each returns early
// with an error when the context ends or the receiver is gone.
type Conn struct {
	line    *line
	to      string
	reading sync.WaitGroup
	turn    chan struct{} // has an element while a request is under way

	mu     sync.Mutex
	id     uint64       // of the last request
	answer chan message // that its answer is awaited on, nil if none is
}

// Dial connects to a receiver's control address, a host and port, and makes sure
// that both hold the same secret and speak the same version. It takes 9 s at most: 3 to
// connect, a name's look-up among it, as many for the handshake, and for an answer.
//
// From the secret both derive one Ed25519 key pair with HKDF (RFC 5869) and show
// each other a certificate of it in a TLS 1.3 handshake, in which each signs with
// it what the other has chosen at random. The sender is the first to see that the
// keys differ, and then has shown nothing of its own.
func Dial(ctx context.Context, to string, secret []byte) (*Conn, error) {
	id, err := newIdentity(secret)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: HandshakeTimeout}
	under, err := dialer.DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, fmt.Errorf("control: connect to the receiver: %w", err)
	}
	expedite(under)
	conn := tls.Client(under, id.config())
	if err := shake(ctx, conn); err != nil {
		under.Close()
		return nil, dialFailure(to, err)
	}
	return greet(ctx, conn, to)
}

// greet begins the conversation on a connection that is through its handshake.
func greet(ctx context.Context, conn net.Conn, to string) (*Conn, error) {
	c := &Conn{line: newLine(conn, "the receiver at "+to, ": it hangs, "+slowWay), to: to, turn: make(chan struct{}, 1)}
	c.reading.Go(c.line.guard(c.read))
	answer, err := c.ask(ctx, message{Kind: kindHello, Version: Version}, answerTimeout)
	switch {
	case err != nil && otherSecret(err):
		err = dialFailure(to, err) // the receiver is the last to see it
	case err == nil && answer.Version != Version:
		err = fmt.Errorf("control: the receiver at %s speaks version %d of the control protocol and this is version %d: install the same sendbench on both", to, answer.Version, Version)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Agree asks for a session on these terms, which this connection then holds open. A
// receiver that is busy or doesn't take them answers with a *RefusedError. The
// agreement is within the terms, and of who is at the other end: see Agreement.
func (c *Conn) Agree(ctx context.Context, t Terms) (Agreement, error) {
	a, err := c.agreement(ctx, message{Kind: kindAgree, Terms: &t})
	if err == nil {
		if err = a.Terms.within(t); err != nil {
			err = c.give(fmt.Errorf("the receiver at %s agrees to what was not asked for: %w", c.to, err))
		}
	}
	return a, err
}

// Join enters the session that another process of this sender has agreed on.
func (c *Conn) Join(ctx context.Context, token string) (Agreement, error) {
	return c.agreement(ctx, message{Kind: kindJoin, Token: token})
}

func (c *Conn) agreement(ctx context.Context, request message) (Agreement, error) {
	answer, err := c.ask(ctx, request, openTimeout)
	switch {
	case err != nil:
		return Agreement{}, err
	case answer.Kind != kindAgreement:
		return Agreement{}, c.breach(answer)
	}
	var a Agreement
	if err := json.Unmarshal(answer.Agreement, &a); err != nil || len(a.Ports) == 0 {
		return Agreement{}, c.breach(answer)
	}
	if local, remote := c.LocalAddr(), c.RemoteAddr(); plain(a.Local) != plain(remote) || plain(a.Sender) != plain(local) {
		return Agreement{}, c.give(fmt.Errorf("the connection to the receiver at %s was relayed or translated: it was made from %s to %s and came from %s to %s, so data would go to a host that hasn't agreed; name the receiver's own address, on a way without a proxy or NAT",
			c.to, local, remote, a.Sender, a.Local))
	}
	a.Peer.Control = c.to
	return a, nil
}

// give ends a connection that agreed on what can't be used: the other side is told.
func (c *Conn) give(why error) error {
	c.line.farewell(fmt.Errorf("control: %w", why), why.Error())
	return c.line.err
}

// plain is an address without its zone, by which each host names a device of its own,
// and IPv4 where IPv6 only wraps it.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// Begin has the receiver count from 0, messages of this kind. When it returns, all
// sockets are ready to take them.
func (c *Conn) Begin(ctx context.Context, s Stretch) error {
	answer, err := c.ask(ctx, message{Kind: kindBegin, Stretch: &s}, answerTimeout)
	if err == nil && answer.Kind != kindReady {
		err = c.breach(answer)
	}
	return err
}

// Settle is called when all has been sent. The receiver waits until it has so many
// messages since Begin, and gives up when nothing more has come for a while, or after
// the timeout, of which it takes MaxSettle at most. Messages that are still open then
// count as incomplete.
func (c *Conn) Settle(ctx context.Context, messages int64, timeout time.Duration) (Counts, error) {
	timeout = min(timeout, MaxSettle)
	return c.counts(ctx, message{Kind: kindSettle, Messages: messages, TimeoutMS: timeout.Milliseconds()}, timeout+answerTimeout)
}

// Counts asks what the receiver has counted since Begin.
func (c *Conn) Counts(ctx context.Context) (Counts, error) {
	return c.counts(ctx, message{Kind: kindCounts}, answerTimeout)
}

func (c *Conn) counts(ctx context.Context, request message, timeout time.Duration) (Counts, error) {
	answer, err := c.ask(ctx, request, timeout)
	switch {
	case err != nil:
		return Counts{}, err
	case answer.Kind != kindCounts || answer.Counts == nil:
		return Counts{}, c.breach(answer)
	}
	return *answer.Counts, nil
}

// Gone is closed when the receiver isn't there any more, or has said that it takes
// no more, or Close was called. Nothing may be sent from then on.
func (c *Conn) Gone() <-chan struct{} { return c.line.gone }

// Err says why Gone is closed, in one line; nil before.
func (c *Conn) Err() error {
	select {
	case <-c.line.gone:
		return c.line.err
	default:
		return nil
	}
}

// LocalAddr is this end of the control connection.
func (c *Conn) LocalAddr() netip.AddrPort { return addrPort(c.line.conn.LocalAddr()) }

// RemoteAddr is the receiver's end; data goes to the same address.
func (c *Conn) RemoteAddr() netip.AddrPort { return addrPort(c.line.conn.RemoteAddr()) }

// Close ends the connection, and with it the session that it agreed on.
func (c *Conn) Close() error {
	c.line.farewell(errClosed, "")
	c.reading.Wait()
	c.line.beats.Wait()
	return nil
}

// read hands answers on until the line ends.
func (c *Conn) read() {
	for {
		m, err := c.line.receive()
		switch {
		case err != nil:
			c.line.fail(err)
			return
		case m.Kind == kindEnd && m.Silent:
			c.line.close(&LostError{fmt.Sprintf("the receiver at %s has heard nothing for %v: this machine hung, %s", c.to, Silence, slowWay), nil})
			return
		case m.Kind == kindEnd:
			c.line.close(fmt.Errorf("control: the receiver at %s ended the session: %s", c.to, m.Reason))
			return
		case !c.deliver(m):
			c.line.fail(breach{fmt.Errorf("an answer %q that nobody asked for", m.Kind)})
			return
		}
	}
}

// deliver hands an answer to the request that waits for it. The answer to one that
// was given up is dropped; any other was not asked for.
func (c *Conn) deliver(m message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.ID == c.id && c.answer != nil {
		c.answer <- m
		c.answer = nil
		return true
	}
	return m.ID <= c.id
}

// ask makes a request and waits for its answer.
func (c *Conn) ask(ctx context.Context, request message, timeout time.Duration) (message, error) {
	if err := c.Err(); err != nil {
		return message{}, err // select has no preference
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout,
		fmt.Errorf("the receiver at %s has not answered within %v", c.to, timeout))
	defer cancel()
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-c.line.gone:
		return message{}, c.line.err
	case <-ctx.Done():
		return message{}, fmt.Errorf("control: %w", context.Cause(ctx))
	}
	awaited := make(chan message, 1)
	c.mu.Lock()
	c.id++
	request.ID, c.answer = c.id, awaited
	c.mu.Unlock()
	if err := c.line.send(request); err != nil {
		return message{}, fmt.Errorf("control: %w", err)
	}
	select {
	case answer := <-awaited:
		if answer.Kind == kindRefused {
			return message{}, &RefusedError{c.to, answer.Reason}
		}
		return answer, nil
	case <-c.line.gone:
		return message{}, c.line.err
	case <-ctx.Done():
		return message{}, fmt.Errorf("control: %w", context.Cause(ctx))
	}
}

// breach ends the connection to a receiver that doesn't keep to the protocol.
func (c *Conn) breach(answer message) error {
	c.line.fail(breach{fmt.Errorf("an answer %q that doesn't belong to its request", answer.Kind)})
	return c.line.err
}

// slowWay is why a connection between two that are there may be silent: what is sent
// waits in a queue before it, on this machine or on the way.
const slowWay = "or the way to it is slower than what is sent; then use --max-rate below its rate"

// addrPort is the address of one end of a connection, IPv4 where IPv6 only wraps it.
func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
