package nic

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// rootParent is the parent of a root (TC_H_ROOT).
const rootParent = netlink.HANDLE_ROOT

// Qdisc is a queueing discipline on a device's sending side (tc(8)): what the
// kernel needs to make it again.
type Qdisc struct {
	Kind   string `json:"kind"`
	Handle uint32 `json:"handle"` // its number in the upper 16 bits; 0 for the kernel's own default
	Parent uint32 `json:"parent"` // rootParent, or a class of the root
	// Options is the payload of TCA_OPTIONS as the kernel gave it, which it takes
	// back; nil where there is none, or it isn't known to be taken back.
	Options []byte `json:"options,omitempty"`
}

// exactQdiscs are the kinds that come back exactly from what the kernel tells of
// them. Others don't: codel and fq_codel round their times at each reading, tbf
// its burst; red keeps its table to itself; what has classes and filters is more
// than its own options.
var exactQdiscs = []string{"pfifo", "bfifo", "pfifo_head_drop", "pfifo_fast", "mq", "noqueue", "fq"}

// presentQdisc is one as RTM_GETQDISC tells of it, with what stands against
// making it again.
type presentQdisc struct {
	Qdisc
	obstacle string // "" for none
}

// qdiscs reads what is on the device's sending side, root first. The kernel's
// own below a root that it made itself are there too, with handle 0.
func (d *Device) qdiscs() ([]presentQdisc, error) {
	messages, err := d.request(unix.RTM_GETQDISC, unix.NLM_F_DUMP, unix.RTM_NEWQDISC, &nl.TcMsg{})
	if err != nil {
		return nil, fmt.Errorf("nic: read the qdiscs of %s: %w", d.name, err)
	}
	var qdiscs []presentQdisc
	for _, message := range messages {
		if len(message) < nl.SizeofTcMsg {
			continue
		}
		header := nl.DeserializeTcMsg(message)
		if int(header.Ifindex) != d.index || header.Parent == netlink.HANDLE_INGRESS {
			continue
		}
		q, err := parseQdisc(header, message[nl.SizeofTcMsg:])
		if err != nil {
			return nil, fmt.Errorf("nic: read the qdiscs of %s: %w", d.name, err)
		}
		qdiscs = append(qdiscs, q)
	}
	slices.SortFunc(qdiscs, func(a, b presentQdisc) int {
		if rootA := a.Parent == rootParent; rootA != (b.Parent == rootParent) {
			if rootA {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Handle, b.Handle))
	})
	return qdiscs, nil
}

// parseQdisc reads the attributes of tc_fill_qdisc (net/sched/sch_api.c).
func parseQdisc(header *nl.TcMsg, attributes []byte) (presentQdisc, error) {
	q := presentQdisc{Qdisc: Qdisc{Handle: header.Handle, Parent: header.Parent}}
	attrs, err := nl.ParseRouteAttrAsMap(attributes)
	if err != nil {
		return q, err
	}
	if kind, ok := attrs[nl.TCA_KIND]; ok {
		q.Kind = unix.ByteSliceToString(kind.Value)
	}
	if options, ok := attrs[nl.TCA_OPTIONS]; ok && q.Handle != 0 && slices.Contains(exactQdiscs, q.Kind) {
		q.Options = bytes.Clone(options.Value)
	}
	if _, ok := attrs[nl.TCA_STAB]; ok {
		q.obstacle = "it has a size table"
	}
	if _, ok := attrs[nl.TCA_EGRESS_BLOCK]; ok {
		q.obstacle = "it shares a filter block"
	}
	return q, nil
}

// qdiscState is what of a device's qdiscs is put back: those that someone
// configured, or the root's kind where it is the kernel's own.
func qdiscState(present []presentQdisc) []Qdisc {
	var state []Qdisc
	for _, q := range present {
		if q.Handle != 0 || q.Parent == rootParent {
			state = append(state, q.Qdisc)
		}
	}
	return state
}

// rootKind is the kind of the root, "" where there is none.
func rootKind(state []Qdisc) string {
	if len(state) == 0 {
		return ""
	}
	return state[0].Kind
}

// byDefault says whether the kernel's own qdisc is on a device, or will be when
// it is set up.
func byDefault(state []Qdisc) bool { return len(state) == 0 || state[0].Handle == 0 }

// sameQdiscs compares states. A device that is down has no default qdisc yet.
func sameQdiscs(a, b []Qdisc) bool {
	if byDefault(a) && byDefault(b) {
		return len(a) == 0 || len(b) == 0 || a[0].Kind == b[0].Kind
	}
	return slices.EqualFunc(a, b, func(a, b Qdisc) bool {
		return a.Kind == b.Kind && a.Handle == b.Handle && a.Parent == b.Parent && bytes.Equal(a.Options, b.Options)
	})
}

// checkQdisc tells without changing anything that the present qdisc couldn't be
// put back in the end. Whether the kernel has the wanted kind only shows when it
// is asked for.
func (d *Device) checkQdisc(kind string) error {
	if kind == "" {
		return nil
	}
	present, err := d.qdiscs()
	if err != nil || rootKind(qdiscState(present)) == kind {
		return err
	}
	obstacle, err := d.qdiscObstacle(present)
	if err != nil || obstacle == "" {
		return err
	}
	return &SettingError{Device: d.name, Setting: qdiscWord(kind),
		Reason: fmt.Sprintf("%s: leave qdisc out, or set by hand what is to be measured", obstacle)}
}

// setQdisc replaces the root qdisc by one of a kind with its default parameters,
// unless it is of that kind already, and reads it back.
func (d *Device) setQdisc(kind string) error {
	if kind == "" {
		return nil
	}
	present, err := d.qdiscs()
	if err != nil || rootKind(qdiscState(present)) == kind {
		return err
	}
	if err := d.newQdisc(Qdisc{Kind: kind, Parent: rootParent}); err != nil {
		return &SettingError{Device: d.name, Setting: qdiscWord(kind), Reason: qdiscRefusal(err), Err: err}
	}
	present, err = d.qdiscs()
	if err != nil {
		return err
	}
	if got := rootKind(qdiscState(present)); got != kind {
		return &SettingError{Device: d.name, Setting: qdiscWord(kind), Reason: fmt.Sprintf("the device made it %s", got)}
	}
	return nil
}

// restoreQdiscs makes the device's qdiscs what they were. Packets that wait in
// those that go are dropped.
func (d *Device) restoreQdiscs(now, was []Qdisc) error {
	if sameQdiscs(now, was) {
		return nil
	}
	word := qdiscWord(rootKind(was))
	if !byDefault(now) {
		if err := d.deleteRootQdisc(); err != nil {
			return &SettingError{Device: d.name, Setting: word, Reason: qdiscRefusal(err), Err: err}
		}
	}
	if byDefault(was) {
		return nil
	}
	for _, q := range was {
		if err := d.newQdisc(q); err != nil {
			return &SettingError{Device: d.name, Setting: word, Reason: qdiscRefusal(err), Err: err}
		}
	}
	return nil
}

func (d *Device) newQdisc(q Qdisc) error {
	parts := []nl.NetlinkRequestData{
		&nl.TcMsg{Ifindex: int32(d.index), Handle: q.Handle, Parent: q.Parent},
		nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated(q.Kind)),
	}
	if q.Options != nil {
		parts = append(parts, nl.NewRtAttr(nl.TCA_OPTIONS, q.Options))
	}
	_, err := d.request(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK, 0, parts...)
	return err
}

// deleteRootQdisc has the kernel put its default in the root's place.
func (d *Device) deleteRootQdisc() error {
	_, err := d.request(unix.RTM_DELQDISC, unix.NLM_F_ACK, 0, &nl.TcMsg{Ifindex: int32(d.index), Parent: rootParent})
	return err
}

// qdiscRefusal says in words why the kernel refuses a qdisc.
func qdiscRefusal(err error) string {
	switch {
	case errors.Is(err, unix.ENOENT):
		return "this kernel has no such qdisc: take another kind, or load its module"
	case errors.Is(err, unix.EINVAL):
		return "this qdisc needs parameters: take a kind that does without"
	case errors.Is(err, unix.EOPNOTSUPP):
		return "the device can't have it as its root (mq needs several sending queues)"
	}
	return refusal(err)
}

func qdiscWord(kind string) string { return Setting{qdiscSetting, kind}.String() }

// defaultQdisc is the kind that the kernel gives to sending queues, "" where it
// can't be known: the sysctl is there in the first network namespace alone.
func defaultQdisc() string {
	text, err := os.ReadFile("/proc/sys/net/core/default_qdisc")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(text))
}
