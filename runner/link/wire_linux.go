package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// netlinkTimeout bounds the wait for an answer of the kernel's, which comes
// from within the call that asks.
const netlinkTimeout = 5 * time.Second

// wireCounter reads the counters of one device with RTM_GETSTATS, which leaves
// out all else that rtnetlink(7) says of a device.
type wireCounter struct {
	socket  *nl.NetlinkSocket
	handles map[int]*nl.SocketHandle
	index   int
	sent    bool  // count what the device sent, not what it received
	missing int64 // bytes of Ethernet header that the device leaves out of a frame
}

// openWireCounter opens a counter in the calling thread's namespace.
func openWireCounter(index int, sent bool, missing int64) (*wireCounter, error) {
	socket, err := nl.Subscribe(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("link: open a route socket: %w", os.NewSyscallError("socket", err))
	}
	timeout := unix.NsecToTimeval(int64(netlinkTimeout))
	if err := errors.Join(socket.SetSendTimeout(&timeout), socket.SetReceiveTimeout(&timeout)); err != nil {
		socket.Close()
		return nil, fmt.Errorf("link: %w", os.NewSyscallError("setsockopt", err))
	}
	handles := map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: {Socket: socket}}
	return &wireCounter{socket: socket, handles: handles, index: index, sent: sent, missing: missing}, nil
}

func (c *wireCounter) close() { c.socket.Close() }

func (c *wireCounter) read() (Wire, error) {
	// struct if_stats_msg (include/uapi/linux/if_link.h): family, three bytes of
	// padding, index, mask of what is asked for.
	var ask [12]byte
	binary.NativeEndian.PutUint32(ask[4:], uint32(c.index))
	binary.NativeEndian.PutUint32(ask[8:], 1<<(unix.IFLA_STATS_LINK_64-1))
	request := nl.NewNetlinkRequest(unix.RTM_GETSTATS, 0)
	request.Sockets = c.handles
	request.AddRawData(ask[:])
	answers, err := request.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWSTATS)
	if err != nil {
		return Wire{}, fmt.Errorf("link: read device counters: %w", os.NewSyscallError("netlink", err))
	}
	if len(answers) != 1 || len(answers[0]) < len(ask) {
		return Wire{}, fmt.Errorf("link: read device counters: %d answers instead of one", len(answers))
	}
	attributes, err := nl.ParseRouteAttr(answers[0][len(ask):])
	if err != nil {
		return Wire{}, fmt.Errorf("link: read device counters: %w", err)
	}
	for _, a := range attributes {
		if a.Attr.Type == unix.IFLA_STATS_LINK_64 && len(a.Value) >= 64 {
			return c.wire(a.Value), nil
		}
	}
	return Wire{}, errors.New("link: the kernel's answer has no device counters (RTM_GETSTATS is in Linux 4.7 and later)")
}

// wire picks from struct rtnl_link_stats64, which begins with the packets
// received and sent, their bytes, errors and drops. What lo sends and can't receive it
// counts as dropped on receipt (loopback_xmit and netif_rx, net/core/dev.c), veth
// as dropped in sending (veth_xmit).
func (c *wireCounter) wire(stats []byte) Wire {
	field := func(i int) int64 { return int64(binary.NativeEndian.Uint64(stats[8*i:])) }
	w := Wire{Frames: field(0), Bytes: field(2)}
	if c.sent {
		w = Wire{Frames: field(1), Bytes: field(3), Dropped: field(6) + field(7)}
	}
	w.Bytes += w.Frames * c.missing
	return w
}
