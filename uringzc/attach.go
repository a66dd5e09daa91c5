//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// maxConns bounds the table of a driver's files, which takes 8 bytes a place of
// the kernel's memory and can't grow.
const maxConns = 32768

// openTable registers a table of files without a file in it, as large as can be:
// the kernel allows RLIMIT_NOFILE (io_sqe_files_register in io_uring/rsrc.c).
func (o *owner) openTable() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("uringzc: %w", os.NewSyscallError("getrlimit", err))
	}
	n := int(min(limit.Cur, maxConns))
	o.table = n
	table := make([]int, n)
	o.places = make([]int, n)
	for i := range table {
		table[i], o.places[i] = -1, n-1-i
	}
	return o.ring.RegisterFiles(table)
}

// attach puts a socket in the table, if it can do zero copy.
func (o *owner) attach(c *Conn, fd int) error {
	free := len(o.places)
	if free == 0 {
		return fmt.Errorf("the driver has %d connections, as many as fit; close some, raise RLIMIT_NOFILE before the driver is made if it is below %d, or make another driver",
			o.table, maxConns)
	}
	c.place = o.places[free-1]
	if err := o.ring.updateFile(c.place, fd); err != nil {
		return err
	}
	o.places = o.places[:free-1]
	err := o.try(c)
	if err != nil {
		o.vacate(c)
	}
	return err
}

// try has the kernel look whether a stream can do zero copy, which it does before
// it looks how much there is to send, here nothing (io_send_zc in
// io_uring/net.c). Of datagrams there are some even without a byte; sockets of
// UDP all can.
func (o *owner) try(c *Conn) error {
	if !c.stream {
		return nil
	}
	if err := o.flush(); err != nil {
		return err
	}
	op, err := o.ring.PrepareSendZC(RegisteredFile(c.place), Buffer{}, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT, tryData)
	if err != nil {
		return err
	}
	// What else completes meanwhile is kept for reap.
	result, err := o.ring.AwaitResult(op, tryTimeout)
	if err == nil && result.More() {
		_, err = o.ring.AwaitRelease(op, tryTimeout)
	}
	if err != nil {
		return err
	}
	if isErrno(result.Err(), unix.EOPNOTSUPP) {
		return &UnsupportedError{
			Feature: "zero-copy send on this TCP connection", Err: result.Err(),
			Reason: "it is one of MPTCP, or was accepted by a listener for MPTCP, as package net's are by default",
			Cure:   "net.ListenConfig.SetMultipathTCP(false), or GODEBUG=multipathtcp=0",
		}
	}
	return nil // any other error is the first send's to tell
}

// detach takes a closed Conn's socket out of the table. What is open of it is
// cancelled or never begun; what is prepared must have gone to the kernel, which
// looks for the file only then.
func (o *owner) detach(c *Conn) {
	c.closed = true
	o.sweep(&c.behind)
	o.sweep(&o.queue)
	for i := range o.requests {
		if r := &o.requests[i]; r.stage == submitted && r.conn == c {
			o.cut(r, net.ErrClosed)
		}
	}
	if err := o.flush(); err != nil {
		o.stop = errors.Join(o.stop, err)
		return
	}
	o.vacate(c)
}

// vacate frees a Conn's place.
func (o *owner) vacate(c *Conn) {
	if err := o.ring.updateFile(c.place, -1); err != nil {
		o.stop = errors.Join(o.stop, err) // or the socket would stay open
		return
	}
	o.places = append(o.places, c.place)
}
