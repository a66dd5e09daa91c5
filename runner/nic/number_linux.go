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
	"golang.org/x/sys/unix"
)

// number is the present value of a numbered setting.
type number struct {
	value int64
	most  int64 // the greatest that the device takes, 0 where it doesn't say
}

// numbers reads every numbered setting that the device has, by name.
func (d *Device) numbers() (map[string]number, error) {
	attrs, err := d.attrs()
	if err != nil {
		return nil, err
	}
	read := map[string]number{
		"mtu":        {value: int64(attrs.MTU)},
		"txqueuelen": {value: int64(attrs.TxQLen)},
	}
	// A kernel without one of these leaves its attribute out, which reads as 0.
	for name, n := range map[string]number{
		"gso_max_size":      {int64(attrs.GSOMaxSize), int64(attrs.TSOMaxSize)},
		"gso_ipv4_max_size": {int64(attrs.GSOIPv4MaxSize), int64(attrs.TSOMaxSize)},
		"gso_max_segs":      {int64(attrs.GSOMaxSegs), int64(attrs.TSOMaxSegs)},
	} {
		if n.value > 0 {
			read[name] = n
		}
	}
	for _, fam := range ethtoolFamilies {
		t, err := fam.read(d)
		if errors.Is(err, unix.EOPNOTSUPP) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("nic: read %s settings of %s: %w", fam.name, d.name, os.NewSyscallError("ioctl", err))
		}
		maps.Copy(read, t.numbers())
	}
	return read, nil
}

// setNumbers writes numbered settings and reads them back. After an error some
// may be changed.
func (d *Device) setNumbers(wanted map[string]int64) error {
	if err := d.writeNumbers(wanted); err != nil {
		return err
	}
	return d.verifyNumbers(wanted)
}

// writeNumbers makes one call for each of ip-link's settings and one for each
// ethtool family, since drivers judge a family's values together. It goes on
// after a refusal and returns the first.
func (d *Device) writeNumbers(wanted map[string]int64) error {
	var first error
	refused := func(part map[string]int64, err error) {
		if err != nil && first == nil {
			first = &SettingError{Device: d.name, Setting: numberWords(part), Reason: refusal(err), Err: err}
		}
	}
	for _, name := range namesOf("") {
		if value, ok := wanted[name]; ok {
			err := d.setLinkNumber(name, value)
			refused(map[string]int64{name: value}, os.NewSyscallError("netlink", err))
		}
	}
	for _, fam := range ethtoolFamilies {
		part := maps.Clone(wanted)
		maps.DeleteFunc(part, func(name string, _ int64) bool { return family(name) != fam.name })
		if len(part) == 0 {
			continue
		}
		t, err := fam.read(d)
		if err == nil {
			err = t.write(part)
		}
		refused(part, os.NewSyscallError("ioctl", err))
	}
	return first
}

// checkNumbers tells without changing anything what the device can't have.
func (d *Device) checkNumbers(wanted map[string]int64) error {
	if len(wanted) == 0 {
		return nil
	}
	has, err := d.numbers()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		n, ok := has[name]
		word := numberWord(name, wanted[name])
		if !ok {
			return &SettingError{Device: d.name, Setting: word, Reason: "the device has no such setting, only " + offered(has)}
		}
		if n.most > 0 && wanted[name] > n.most {
			return &SettingError{Device: d.name, Setting: word, Reason: fmt.Sprintf("the device takes at most %d", n.most)}
		}
	}
	return nil
}

func (d *Device) verifyNumbers(wanted map[string]int64) error {
	now, err := d.numbers()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if got := now[name].value; got != wanted[name] {
			return &SettingError{Device: d.name, Setting: numberWord(name, wanted[name]),
				Reason: fmt.Sprintf("the device made it %d: ask for a value that it keeps", got)}
		}
	}
	return nil
}

func (d *Device) setLinkNumber(name string, value int64) error {
	link := &netlink.Device{LinkAttrs: netlink.LinkAttrs{Index: d.index}}
	switch name {
	case "mtu":
		return d.link.LinkSetMTU(link, int(value))
	case "gso_max_size":
		return d.link.LinkSetGSOMaxSize(link, int(value))
	case "gso_ipv4_max_size":
		return d.link.LinkSetGSOIPv4MaxSize(link, int(value))
	case "gso_max_segs":
		return d.link.LinkSetGSOMaxSegs(link, int(value))
	case "txqueuelen":
		return d.link.LinkSetTxQLen(link, int(value))
	}
	return unix.EOPNOTSUPP
}

// refusal says in words why the kernel refuses a setting.
func refusal(err error) string {
	switch {
	case errors.Is(err, unix.EPERM):
		return "changing it needs CAP_NET_ADMIN in the device's network namespace"
	case errors.Is(err, unix.EOPNOTSUPP):
		return "the driver can't change it: leave it out"
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ERANGE):
		return "the value is out of the device's range (ip -details link and ethtool show it)"
	case errors.Is(err, unix.EBUSY):
		return "the device is in use: set it down first"
	case errors.Is(err, unix.ENODEV):
		return "the device is gone"
	}
	return "the driver refused it"
}

// offered lists the settings that a device has, in the order of numbered.
func offered(has map[string]number) string {
	var names []string
	for _, n := range numbered {
		if _, ok := has[n.name]; ok {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

func numberWord(name string, value int64) string {
	return Setting{name, strconv.FormatInt(value, 10)}.String()
}

func numberWords(settings map[string]int64) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		words = append(words, numberWord(name, settings[name]))
	}
	return strings.Join(words, ",")
}
