package nic

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Overview is a device and all that a sweep can set on it.
type Overview struct {
	Device  string `json:"device"`
	Driver  string `json:"driver"` // "" where the device has none, as lo
	Carrier bool   `json:"carrier"`
	// Guarded is why the device isn't changed without force, "" for no reason.
	Guarded  string `json:"guarded,omitempty"`
	Settings []Knob `json:"settings"`
}

// Knob is a setting as it is, with what it can be.
type Knob struct {
	Name    string   `json:"name"`              // as in a profile
	Value   string   `json:"value"`             // as in a profile
	Fixed   bool     `json:"fixed,omitempty"`   // the device can't have another value
	Choices []string `json:"choices,omitempty"` // all values, where there are few
	Least   *int64   `json:"least,omitempty"`   // of a number
	Most    *int64   `json:"most,omitempty"`    // of a number, nil where the device doesn't say
	// Needs are the features without which the kernel turns this one off, of each
	// list one; Takes are those that are active now and would go off with it.
	Needs [][]string `json:"needs,omitempty"`
	Takes []string   `json:"takes,omitempty"`
	Note  string     `json:"note,omitempty"` // what else is to be known
}

// Show reads what can be swept on the device, in the order of the settings'
// names: numbers, the qdisc, features.
func (d *Device) Show() (Overview, error) {
	attrs, err := d.attrs()
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Device: d.name, Carrier: attrs.RawFlags&unix.IFF_LOWER_UP != 0}
	if o.Driver, err = d.driver(); err != nil {
		return Overview{}, err
	}
	guard := new(GuardError)
	if err := d.Guarded(); errors.As(err, &guard) {
		o.Guarded = guard.Reason
	} else if err != nil {
		return Overview{}, err
	}
	for _, read := range []func() ([]Knob, error){d.showNumbers, d.showQdisc, d.showFeatures} {
		knobs, err := read()
		if err != nil {
			return Overview{}, err
		}
		o.Settings = append(o.Settings, knobs...)
	}
	return o, nil
}

// showNumbers reads the settings that hold a number, in the order of numbered.
func (d *Device) showNumbers() ([]Knob, error) {
	numbers, err := d.numbers()
	if err != nil {
		return nil, err
	}
	least, most, err := d.mtuRange()
	if err != nil {
		return nil, err
	}
	var knobs []Knob
	for _, n := range numbered {
		now, ok := numbers[n.name]
		if !ok {
			continue
		}
		k := Knob{Name: n.name, Value: strconv.FormatInt(now.value, 10), Least: new(int64(n.least))}
		if now.most > 0 {
			k.Most = new(now.most)
		}
		switch {
		case n.name == "mtu":
			*k.Least = max(*k.Least, least)
			if most > 0 {
				k.Most = new(most)
			}
			k.Note = "below 1280 the device loses its IPv6 addresses"
		case strings.HasPrefix(n.name, "coalesce.adaptive-"):
			k.Least, k.Choices = nil, []string{"0", "1"}
		}
		knobs = append(knobs, k)
	}
	return knobs, nil
}

// mtuRange reads the MTUs that the device takes, in bytes; most is 0 where it
// doesn't say.
func (d *Device) mtuRange() (least, most int64, err error) {
	messages, err := d.request(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, &nl.IfInfomsg{IfInfomsg: unix.IfInfomsg{Index: int32(d.index)}})
	if err != nil {
		return 0, 0, fmt.Errorf("nic: read %s: %w", d.name, err)
	}
	for _, message := range messages {
		if len(message) < unix.SizeofIfInfomsg {
			continue
		}
		attrs, err := nl.ParseRouteAttrAsMap(message[unix.SizeofIfInfomsg:])
		if err != nil {
			return 0, 0, fmt.Errorf("nic: read %s: %w", d.name, err)
		}
		for kind, to := range map[uint16]*int64{unix.IFLA_MIN_MTU: &least, unix.IFLA_MAX_MTU: &most} {
			if a, ok := attrs[kind]; ok && len(a.Value) == 4 {
				*to = int64(nl.NativeEndian().Uint32(a.Value))
			}
		}
	}
	return least, most, nil
}

// showQdisc reads the root qdisc. The kernel doesn't list the kinds it has.
func (d *Device) showQdisc() ([]Knob, error) {
	present, err := d.qdiscs()
	if err != nil {
		return nil, err
	}
	kind := rootKind(qdiscState(present))
	if kind == "" {
		return nil, nil // the device is down
	}
	k := Knob{Name: qdiscSetting, Value: kind}
	if k.Note, err = d.qdiscObstacle(present); err != nil {
		return nil, err
	}
	if k.Fixed = k.Note != ""; !k.Fixed {
		k.Note = "any kind that this kernel has and that needs no parameters, such as pfifo"
	}
	return []Knob{k}, nil
}

// showFeatures reads the ethtool features in the order of their names.
func (d *Device) showFeatures() ([]Knob, error) {
	features, err := d.features()
	if err != nil {
		return nil, err
	}
	active := map[string]bool{}
	for name, f := range features {
		active[name] = f.Active
	}
	var knobs []Knob
	for _, name := range slices.Sorted(maps.Keys(features)) {
		f := features[name]
		k := Knob{Name: name, Value: onOff(f.Active), Fixed: fixed(f), Needs: featureNeeds[name]}
		if !k.Fixed {
			k.Choices = []string{"off", "on"}
			if f.Active {
				k.Takes = takenAlong(name, active)
			} else if f.Requested {
				k.Note = "it is asked for, and off for want of what it needs"
			}
		}
		knobs = append(knobs, k)
	}
	return knobs, nil
}

// Devices names the network devices of the calling thread's network namespace,
// in order.
func Devices() ([]string, error) {
	var links []netlink.Link
	err := whole(func() (err error) {
		links, err = netlink.LinkList()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("nic: list the devices: %w", os.NewSyscallError("netlink", err))
	}
	names := make([]string, len(links))
	for i, link := range links {
		names[i] = link.Attrs().Name
	}
	slices.Sort(names)
	return names, nil
}
