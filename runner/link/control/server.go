package control

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxInside bounds the connections that are in a session. Those in none are bounded
	// by the lobby.
	maxInside = 64
	// maxQueued bounds a connection's requests that wait for their turn.
	maxQueued = 4
	// decision is how long a connection may be in no session.
	decision = 10 * time.Second
	// acceptPause is after what time a server that is out of descriptors, say, goes on.
	acceptPause = 50 * time.Millisecond
)

// errStopped is why sessions end with the server.
var errStopped = errors.New("it was stopped")

// Server agrees with senders on sessions, one at a time. Its fields aren't changed
// while it serves.
type Server struct {
	Secret []byte
	Limits Limits

	// Open makes the receiver of a session on the agreed terms. Local and peer are the
	// ends of the control connection: data comes to the one address, and from the other
	// alone.
	Open func(agreed Terms, local, peer netip.AddrPort) (Receiver, error)

	// Over is told of each session when it is over; nil for nobody.
	Over func(Summary)
	// Refused is told of connections that were refused: the last of them, why, and
	// how many there were since the last time. That is once a second at most, and of all
	// by the end of Serve. nil for nobody.
	Refused func(peer netip.AddrPort, why string, connections int)

	identity *identity
	refusals refusals
	lobby    lobby

	mu      sync.Mutex
	session *session // nil if there is none
}

// Summary is a session that is over.
type Summary struct {
	Sender   netip.AddrPort
	Terms    Terms // as agreed
	Lasted   time.Duration
	Messages int64 // whole ones, of all stretches that were settled
	Received int64 // bytes of payload, of whatever
	Err      error // nil where the sender ended it
}

// Serve accepts connections until the context ends, which ends sessions too, and
// closes the listener. It returns nil then.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	defer listener.Close()
	var err error
	if s.identity, err = newIdentity(s.Secret); err != nil {
		return err
	}
	s.refusals.tell = s.Refused
	defer s.refusals.flush()
	serving, end := context.WithCancelCause(context.WithoutCancel(ctx))
	var connections sync.WaitGroup
	defer connections.Wait()
	defer end(errStopped)
	stop := context.AfterFunc(ctx, func() {
		end(errStopped)
		listener.Close()
	})
	defer stop()

	for {
		conn, err := listener.Accept()
		switch {
		case serving.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("control: accept: %w", err)
		case err != nil:
			// A connection that is gone already, or no descriptor or memory left for it:
			// neither lasts (accept(2)).
			select {
			case <-time.After(acceptPause):
			case <-serving.Done():
			}
			continue
		}
		peer := addrPort(conn.RemoteAddr())
		at, err := s.lobby.enter(peer.Addr(), s.sender())
		if err != nil {
			s.refusals.add(peer, err.Error())
			conn.Close()
			continue
		}
		expedite(conn)
		connections.Go(func() { s.serve(serving, conn, at) })
	}
}

// sender is the address of who has a session, the zero Addr if nobody has.
func (s *Server) sender() netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil {
		return netip.Addr{}
	}
	return s.session.sender.Addr()
}

// serve does the handshake and then what the sender asks for.
func (s *Server) serve(ctx context.Context, under net.Conn, at *place) {
	conn := tls.Server(under, s.identity.config())
	if err := shake(ctx, conn); err != nil {
		s.lobby.leave(at) // before the other side can see that it has
		under.Close()
		if ctx.Err() == nil {
			s.refusals.add(addrPort(under.RemoteAddr()), strangerFailure(err))
		}
		return
	}
	s.converse(ctx, conn, at)
}

// converse takes over a connection whose other side has the secret, and its place.
func (s *Server) converse(ctx context.Context, conn net.Conn, at *place) {
	v := &visitor{server: s, peer: addrPort(conn.RemoteAddr()), local: addrPort(conn.LocalAddr()), place: at}
	v.line = newLine(conn, "the sender at "+v.peer.String(), "")
	v.run(ctx)
}
