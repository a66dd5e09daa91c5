package nic

import (
	"errors"
	"os"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// dumpTries bounds how often a dump is read again that the kernel says changed
// under the reader (NLM_F_DUMP_INTR).
const dumpTries = 10

// request sends an rtnetlink(7) message whose answers the netlink library has
// no type for, or no exact one, and returns the payloads of those of a type, 0
// where only success is awaited.
func (d *Device) request(kind, flags int, answer uint16, parts ...nl.NetlinkRequestData) ([][]byte, error) {
	var messages [][]byte
	err := whole(func() error {
		request := nl.NewNetlinkRequest(kind, flags)
		request.Sockets = map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: &d.route}
		for _, part := range parts {
			request.AddData(part)
		}
		var err error
		messages, err = request.Execute(unix.NETLINK_ROUTE, answer)
		return err
	})
	return messages, os.NewSyscallError("netlink", err)
}

// whole reads until what was read is one state of affairs.
func whole(read func() error) error {
	var err error
	for range dumpTries {
		if err = read(); !errors.Is(err, nl.ErrDumpInterrupted) {
			return err
		}
	}
	return err
}
