//go:build linux

package runner

import (
	"sync"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/strategies"
)

// halting ends what a rig sends when its link's receiver on another host is gone,
// from a goroutine of its own.
type halting struct {
	halt  strategies.Halt
	leave chan struct{} // closed when the rig needs it no more
	left  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	streams map[int]bool // open TCP sockets, by descriptor
}

func newHalting(l *link.Link) *halting {
	h := &halting{leave: make(chan struct{}), left: make(chan struct{}), streams: map[int]bool{}}
	go func() {
		defer close(h.left)
		select {
		case <-l.Gone():
			h.halt.Stop(l.Err())
			h.abort()
		case <-h.leave:
		}
	}()
	return h
}

func (h *halting) close() {
	close(h.leave)
	<-h.left
}

// add puts a TCP socket under watch, until drop is called before it is closed.
func (h *halting) add(fd int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams[fd] = true
	if h.halt.Err() != nil {
		abortStream(fd)
	}
}

func (h *halting) drop(fd int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, fd)
}

func (h *halting) abort() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for fd := range h.streams {
		abortStream(fd)
	}
}

// abortStream ends a write that is blocked, and has the kernel throw away what it
// hasn't sent when the socket is closed, instead of trying for minutes (SO_LINGER,
// socket(7)).
func abortStream(fd int) {
	// Neither is of use on a connection that has ended, which is no error here.
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	_ = unix.Shutdown(fd, unix.SHUT_RDWR)
}
