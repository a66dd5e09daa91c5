package link

import (
	"fmt"
	"os"

	"github.com/vishvananda/netlink"
)

// headerLeftOut is how many bytes of Ethernet header a device's counters leave out of
// each frame: lo counts without (loopback_xmit), and tunnels and the like have none.
func headerLeftOut(device string) (int64, error) {
	h, err := routeHandle(nil)
	if err != nil {
		return 0, err
	}
	defer h.Close()
	d, err := h.LinkByName(device)
	if err != nil {
		return 0, fmt.Errorf("link: find %s: %w", device, os.NewSyscallError("netlink", err))
	}
	if d.Attrs().EncapType == "ether" {
		return 0, nil
	}
	return ethernetHeader, nil
}

// queueCounter reads what a device's queueing discipline has dropped, which the
// device's own counters don't know of (tc(8), -s qdisc show).
type queueCounter struct {
	handle *netlink.Handle
	device netlink.Link
}

func openQueueCounter(device string) (*queueCounter, error) {
	h, err := routeHandle(nil)
	if err != nil {
		return nil, err
	}
	d, err := h.LinkByName(device)
	if err != nil {
		h.Close()
		return nil, fmt.Errorf("link: find %s: %w", device, os.NewSyscallError("netlink", err))
	}
	return &queueCounter{h, d}, nil
}

func (c *queueCounter) close() { c.handle.Close() }

// dropped is of the root, which counts for those below it (mq_dump,
// net/sched/sch_mq.c). A profile that changes the discipline begins from 0.
func (c *queueCounter) dropped() (int64, error) {
	list, err := c.handle.QdiscList(c.device)
	if err != nil {
		return 0, fmt.Errorf("link: read the queue of %s: %w", c.device.Attrs().Name, os.NewSyscallError("netlink", err))
	}
	for _, q := range list {
		a := q.Attrs()
		if a.Parent == netlink.HANDLE_ROOT && a.Statistics != nil && a.Statistics.Queue != nil {
			return int64(a.Statistics.Queue.Drops), nil
		}
	}
	return 0, nil
}
