package control

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// faulty is a connection whose calls panic from some moment on.
type faulty struct {
	net.Conn
	read, write bool // which of them
	since       chan struct{}
}

func (f *faulty) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	f.fault(f.read)
	return n, err
}

func (f *faulty) Write(b []byte) (int, error) {
	f.fault(f.write)
	return f.Conn.Write(b)
}

func (f *faulty) fault(here bool) {
	select {
	case <-f.since:
		if here {
			var none []int
			_ = none[len(f.since)] // out of range
		}
	default:
	}
}

// TestFaultEndsTheLine: a panic in a goroutine of a sender's connection is the end of
// the connection, which tells in one line where it was, and not of the process.
func TestFaultEndsTheLine(t *testing.T) {
	for name, fault := range map[string]faulty{"reading": {read: true}, "beating": {write: true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t.Context(), Limits{})
				fault.Conn, fault.since = o.visit(), make(chan struct{})
				c, err := greet(t.Context(), &fault, "far")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.Agree(t.Context(), pipeTerms); err != nil {
					t.Fatal(err)
				}
				close(fault.since)
				select {
				case <-c.Gone():
				case <-time.After(time.Minute):
					t.Fatal("the connection goes on")
				}
				err = c.Err()
				for _, part := range []string{"the receiver at far", "index out of range", "fault_test.go:"} {
					if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
						t.Errorf("ended with %v, want a line that says %q", err, part)
					}
				}
				if _, err := c.Counts(t.Context()); err == nil {
					t.Error("a request is answered after the end")
				}
				c.Close()
				synctest.Wait()
				if len(o.over) != 1 {
					t.Errorf("the receiver's sessions that are over: %+v, want one", o.over)
				}
			})
		})
	}
}
