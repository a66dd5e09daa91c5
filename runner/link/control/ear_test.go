package control

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// What has come while this side had no CPU is heard, though its deadline is over.
func TestEarLooksOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		go io.WriteString(far, "beat")
		e := ear{conn: near}
		if err := e.wait(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * Silence)
		p := make([]byte, 4)
		if n, err := e.Read(p); n != 4 || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		if n, err := e.Read(p); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a second look at nothing: %d bytes, %v", n, err)
		}
	})
}
