package control

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// Beat is how often each side tells that it is there.
	Beat = 100 * time.Millisecond
	// Silence is after what time without a message the other side counts as gone.
	Silence = 800 * time.Millisecond
	// lastLook is the end of Silence, in which is read once more: a deadline that is over
	// ends a read even if something has come, as it has where this side had no CPU.
	lastLook = 20 * time.Millisecond
)

// line is one side's end of a connection that is through its handshake.
type line struct {
	conn    net.Conn
	ear     *ear
	decoder decoder
	other   string // the other side, for errors: "the receiver at …"
	advice  string // goes on from what is said of its silence
	gone    chan struct{}
	beats   sync.WaitGroup

	writing chan struct{} // has an element while a message is written
	once    sync.Once
	err     error // why it ended, to be read when gone is closed
}

// LostError says that the other side of a connection was not heard any more, or that it
// hears nothing, or has gone without a word. It may still be there, or again.
type LostError struct {
	What string // became of it
	Err  error  // the system's word for it, nil for silence
}

func (e *LostError) Error() string {
	if e.Err == nil {
		return "control: " + e.What
	}
	return fmt.Sprintf("control: %s: %v", e.What, e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// newLine begins to beat. The caller ends it.
func newLine(conn net.Conn, other, advice string) *line {
	ear := &ear{conn: conn}
	l := &line{conn: conn, ear: ear, decoder: decoder{r: ear}, other: other, advice: advice, gone: make(chan struct{}), writing: make(chan struct{}, 1)}
	l.beats.Go(l.guard(l.beat))
	return l
}

func (l *line) beat() {
	ticker := time.NewTicker(Beat)
	defer ticker.Stop()
	for {
		select {
		case <-l.gone:
			return
		case <-ticker.C:
			_ = l.send(message{Kind: kindBeat}) // it can be a message
		}
	}
}

// send writes a message; the error is that it can't be one. It ends the line if
// writing takes longer than Silence. Any other failure to write is left to receive to
// find, which may have the other side's last word still to read.
func (l *line) send(m message) error {
	framed, err := encode(m)
	if err != nil {
		return err
	}
	if err := l.write(framed); errors.Is(err, os.ErrDeadlineExceeded) {
		l.end(&LostError{fmt.Sprintf("%s has taken nothing for %v%s", l.other, Silence, l.advice), nil}, closeAbruptly)
	}
	return nil
}

// write waits for its turn and writes, for Silence at most each.
func (l *line) write(framed []byte) error {
	timer := time.NewTimer(Silence)
	defer timer.Stop()
	select {
	case l.writing <- struct{}{}:
		defer func() { <-l.writing }()
	case <-timer.C:
		return os.ErrDeadlineExceeded
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(Silence)); err != nil {
		return err
	}
	_, err := l.conn.Write(framed)
	return err
}

// receive returns the next message that is no beat. It gives up when no message
// has come whole for Silence: bytes that trickle in are none.
func (l *line) receive() (message, error) {
	for {
		if err := l.ear.wait(); err != nil {
			return message{}, err
		}
		m, err := l.decoder.next()
		if err != nil || m.Kind != kindBeat {
			return m, err
		}
	}
}

// ear reads a connection until a deadline, and then looks once more.
type ear struct {
	conn   net.Conn
	looked bool
}

// wait sets the deadline for a message.
func (e *ear) wait() error {
	e.looked = false
	return e.conn.SetReadDeadline(time.Now().Add(Silence - lastLook))
}

func (e *ear) Read(p []byte) (int, error) {
	n, err := e.conn.Read(p)
	if n > 0 || e.looked || !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	e.looked = true
	if err := e.conn.SetReadDeadline(time.Now().Add(lastLook)); err != nil {
		return 0, err
	}
	return e.conn.Read(p)
}

// fail ends the line since nothing can be received any more. An other side that breaks
// the protocol is told.
func (l *line) fail(err error) {
	if b := (breach{}); errors.As(err, &b) {
		l.farewell(fmt.Errorf("control: %s sent %w", l.other, b.error), "it was sent "+b.Error())
		return
	}
	l.end(l.failure(err), closeAbruptly)
}

// failUnheard is fail for a side that tells the other of its silence: it may hear still,
// and then knows why.
func (l *line) failUnheard(err error) {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		l.fail(err)
		return
	}
	l.end(l.failure(err), l.closeAfter(message{Kind: kindEnd, Silent: true}))
}

// farewell ends the line by this side's wish: why is for Err here, word is told the
// other side.
func (l *line) farewell(why error, word string) {
	l.part(why, message{Kind: kindEnd, Reason: word})
}

// part is farewell with any last message.
func (l *line) part(why error, last message) {
	l.end(why, l.closeAfter(last))
}

// closeAfter is for end: it closes the connection after a last word, when the other side
// has closed it or after Silence. A close with something to read still to come is a
// reset (RFC 2525, 2.17), which takes with it a word that waits for its turn.
func (l *line) closeAfter(last message) func(net.Conn) error {
	return func(conn net.Conn) error {
		if framed, err := encode(last); err == nil {
			_ = l.write(framed) // if it isn't read, the end is
		}
		under := beneath(conn)
		timer := time.AfterFunc(Silence, func() { under.Close() })
		defer timer.Stop()
		if err := under.SetReadDeadline(time.Time{}); err == nil {
			// Beside the line's reader, whose messages nobody wants any more.
			_, _ = io.Copy(io.Discard, under)
		}
		return under.Close()
	}
}

// close ends the line after the other side's last word.
func (l *line) close(why error) { l.end(why, net.Conn.Close) }

func (l *line) end(why error, closing func(net.Conn) error) {
	first := false
	l.once.Do(func() {
		l.err, first = why, true
		close(l.gone)
	})
	if first {
		_ = closing(l.conn) // it is of no use any more, whatever close says
	}
}

// closeAbruptly leaves out the farewell of TLS, for which a full send buffer would
// make it wait.
func closeAbruptly(conn net.Conn) error { return beneath(conn).Close() }

// beneath is the connection that TLS goes over.
func beneath(conn net.Conn) net.Conn {
	if over, ok := conn.(interface{ NetConn() net.Conn }); ok {
		return over.NetConn()
	}
	return conn
}

// failure says what became of the other side.
func (l *line) failure(err error) error {
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err):
		return &LostError{l.other + " went away without a word", err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &LostError{fmt.Sprintf("%s has been silent for %v%s", l.other, Silence, l.advice), nil}
	}
	return fmt.Errorf("control: the connection to %s: %w", l.other, err)
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
