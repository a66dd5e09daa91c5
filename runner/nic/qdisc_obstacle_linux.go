package nic

import (
	"fmt"
	"slices"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// qdiscObstacle says why the device's qdiscs couldn't be put back if they were
// replaced, "" if they could.
func (d *Device) qdiscObstacle(present []presentQdisc) (string, error) {
	state := qdiscState(present)
	if byDefault(state) {
		return defaultObstacle(present, defaultQdisc()), nil
	}
	for i, q := range present {
		if q.Handle == 0 {
			continue // it comes back with the root
		}
		if i > 0 && (rootKind(state) != "mq" || q.Parent&^0xffff != state[0].Handle) {
			return fmt.Sprintf("the present qdisc can't be put back: below %s is %s", rootKind(state), q.Kind), nil
		}
		obstacle := q.obstacle
		if !slices.Contains(exactQdiscs, q.Kind) {
			obstacle = "the kernel doesn't tell all that makes it"
		}
		if obstacle == "" {
			filters, err := d.hasFilters(q.Handle)
			if err != nil {
				return "", err
			}
			if filters {
				obstacle = "it has filters"
			}
		}
		if obstacle != "" {
			return fmt.Sprintf("the present qdisc %s can't be put back: %s", q.Kind, obstacle), nil
		}
	}
	return "", nil
}

// defaultObstacle says why the kernel wouldn't make its own qdisc again as it is
// now: its default has changed since (attach_default_qdiscs,
// net/sched/sch_generic.c). noqueue goes by the device's kind.
func defaultObstacle(present []presentQdisc, kind string) string {
	for _, q := range present {
		if kind != "" && q.Kind != kind && q.Kind != "noqueue" && q.Kind != "mq" {
			return fmt.Sprintf("the kernel would put %s in the place of its own %s now: set the sysctl net.core.default_qdisc to %s", kind, q.Kind, q.Kind)
		}
	}
	return ""
}

// hasFilters says whether filters hang on a qdisc.
func (d *Device) hasFilters(handle uint32) (bool, error) {
	filters, err := d.request(unix.RTM_GETTFILTER, unix.NLM_F_DUMP, unix.RTM_NEWTFILTER,
		&nl.TcMsg{Ifindex: int32(d.index), Parent: handle})
	if err != nil {
		return false, fmt.Errorf("nic: read the filters of %s: %w", d.name, err)
	}
	return len(filters) > 0, nil
}
