package link

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"sendbench/runner/link/control"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// remote is what a link to another host has beside others.
type remote struct {
	to        Remote
	terms     control.Terms // as asked for
	conn      *control.Conn
	agreement control.Agreement
	queue     *queueCounter
	lease     *nic.Lease      // of the device, nil until a setting is changed
	touched   bool            // settings have changed since the receiver was last heard
	ended     <-chan struct{} // closed when nobody waits for the device's link any more
}

// settled is how long a receiver may take to be reached again after a change of
// settings, for which a driver may reset the device.
const settled = 15 * time.Second

// OpenNIC builds the link to a receiver on another host, which agrees to take what is
// sent before anything is: beside the control connection no packet leaves before that.
// The link lasts as long as the receiver does, see Gone. It works in whatever network
// namespace the process is in, and changes nothing of the device until Apply.
//
// When ctx is done, Apply waits no longer for a device to come back from a change.
//
// That the way to the receiver leads by another device, or that it refuses, is an
// error.
func OpenNIC(ctx context.Context, to Remote, t Terms) (*Link, error) {
	address, err := resolve(ctx, to.To, t.Family)
	if err != nil {
		return nil, err
	}
	l := &Link{spec: Spec{Kind: NIC, Family: 6, Shared: true}}
	if address.Addr().Is4() {
		l.spec.Family = 4
	}
	if l.near, err = nic.Open(to.Device); err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	l.spec.Device = l.near.Name()
	err = l.findWay(address)
	if err == nil {
		l.remote = &remote{to: to, ended: ctx.Done(), terms: control.Terms{
			Proto: cmp.Or(t.Proto, results.ProtoUDP), Family: l.spec.Family, Flows: t.Flows,
			BitsPerSecond: to.MaxBitsPerSecond, Seconds: t.Seconds,
		}}
		l.remote.to.To = address.String() // so that a name isn't looked up again
		err = l.agree(ctx)
	}
	if err == nil {
		err = l.open()
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// findWay makes sure that packets to the receiver leave by the device.
func (l *Link) findWay(address netip.AddrPort) error {
	index, err := deviceIndex(l.spec.Device)
	if err != nil {
		return err
	}
	l.spec.Source, err = route(l.spec.Device, index, address.Addr())
	return err
}

// agree makes the control connection, and has the receiver agree to a session.
func (l *Link) agree(ctx context.Context) error {
	r := l.remote
	conn, err := control.Dial(ctx, r.to.To, r.to.Secret)
	if err != nil {
		return err
	}
	agreement, err := conn.Agree(ctx, r.terms)
	if err == nil {
		err = checkPorts(agreement, r.terms)
	}
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	r.conn, r.agreement, r.touched = conn, agreement, false
	l.spec.Dest = netip.AddrPortFrom(conn.RemoteAddr().Addr(), agreement.Ports[0])
	l.spec.Session = &Session{
		Control: conn.RemoteAddr(), Secret: r.to.Secret, Token: agreement.Token, Ports: agreement.Ports,
		// Of the two bounds the lesser is kept here: it is no receiver's to lift ours.
		MaxBitsPerSecond: control.Lesser(r.to.MaxBitsPerSecond, agreement.Terms.BitsPerSecond),
		PeerMTU:          agreement.Peer.Device.MTU,
	}
	return nil
}

// checkPorts makes sure that there is somewhere to send to.
func checkPorts(a control.Agreement, asked control.Terms) error {
	need := 1
	if asked.Proto == results.ProtoUDP {
		need = asked.Flows
	}
	for _, port := range a.Ports {
		if port == 0 {
			return errors.New("link: the receiver names port 0 for data, where nothing can be sent")
		}
	}
	if len(a.Ports) < need {
		return fmt.Errorf("link: the receiver has %d ports for data and %d flows need %d", len(a.Ports), asked.Flows, need)
	}
	return nil
}

// join is Attach's part of a link to another host: a connection of this process's own
// into the session.
func (l *Link) join() error {
	s := l.spec.Session
	if s == nil || len(s.Ports) == 0 {
		return errors.New("link: attach to a receiver on another host without its session: it comes with Link.Spec")
	}
	to := Remote{Device: l.spec.Device, To: s.Control.String(), Secret: s.Secret}
	l.remote = &remote{to: to}
	ctx := context.Background() // control has limits of its own
	conn, err := control.Dial(ctx, to.To, to.Secret)
	if err == nil {
		l.remote.conn = conn
		l.remote.agreement, err = conn.Join(ctx, s.Token)
	}
	if err != nil {
		return &GoneError{To: to.To, Err: err}
	}
	return nil
}

// Gone is closed when the receiver on another host isn't there any more, or takes no
// more: then nothing may be sent, and Err says why. On other links it is nil.
func (l *Link) Gone() <-chan struct{} {
	if l.remote == nil {
		return nil
	}
	return l.remote.conn.Gone()
}

// Err is a *GoneError when Gone is closed, nil before.
func (l *Link) Err() error {
	if l.remote == nil {
		return nil
	}
	return goneBy(l.remote.conn, l.remote.to.To)
}

// goneBy is a *GoneError where a connection is, nil where it isn't.
func goneBy(conn *control.Conn, to string) error {
	if err := conn.Err(); err != nil {
		return &GoneError{To: to, Err: err}
	}
	return nil
}

// Watch returns a context that is done when the receiver is gone, too: its cause is
// then a *GoneError.
func (l *Link) Watch(ctx context.Context) (context.Context, context.CancelFunc) {
	watched, cancel := context.WithCancelCause(ctx)
	if l.remote != nil {
		conn, to := l.remote.conn, l.remote.to.To // Reach may make another
		go func() {
			select {
			case <-conn.Gone():
				cancel(goneBy(conn, to))
			case <-watched.Done():
			}
		}()
	}
	return watched, func() { cancel(context.Canceled) }
}

// Reach makes sure that the receiver is there after a change of settings. One that cut
// the connection, as a reset of the device does, has it made and agreed on anew, with
// the same receiver on the same terms. What else ended it ends the run.
func (l *Link) Reach(ctx context.Context) error {
	r := l.remote
	if r == nil || !r.touched {
		return l.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, settled)
	defer cancel()
	_, err := r.conn.Counts(ctx)
	if err == nil || errors.As(err, new(*control.RefusedError)) {
		r.touched = false
		return nil
	}
	if !errors.As(r.conn.Err(), new(*control.LostError)) {
		return &GoneError{To: r.to.To, Err: cmp.Or(r.conn.Err(), err)}
	}
	r.conn.Close()
	before := r.peer()
	for {
		err := l.agree(ctx)
		if err == nil {
			return r.still(before)
		}
		select { // the receiver may not have seen yet that the former connection is cut
		case <-ctx.Done():
			return &GoneError{To: r.to.To, Err: err}
		case <-time.After(control.Beat):
		}
	}
}

// still ends the conversation with a receiver that isn't the one of before.
func (r *remote) still(before *results.Peer) error {
	changed := PeerChange(*before, *r.peer())
	if changed == "" {
		return nil
	}
	r.conn.Close()
	return &GoneError{To: r.to.To, Err: fmt.Errorf("there is %s", changed)}
}

// Cap is the most payload that may be sent over the link in bits a second, 0 for no
// limit.
func (l *Link) Cap() int64 {
	if l.spec.Session == nil {
		return 0
	}
	return l.spec.Session.MaxBitsPerSecond
}

// Time is how long the receiver on another host takes packets, 0 for no limit.
func (l *Link) Time() time.Duration {
	if l.remote == nil {
		return 0
	}
	return time.Duration(l.remote.agreement.Terms.Seconds) * time.Second
}

// peer is what the receiver told of itself, with what was agreed.
func (r *remote) peer() *results.Peer {
	p := r.agreement.Peer
	p.Control = r.to.To
	p.MaxBitsPerSecond, p.MaxSeconds = r.agreement.Terms.BitsPerSecond, r.agreement.Terms.Seconds
	return &p
}

// close ends the conversation, and puts the device back.
func (r *remote) close() error {
	if r.conn != nil {
		r.conn.Close()
	}
	if r.queue != nil {
		r.queue.close()
	}
	return r.release()
}
