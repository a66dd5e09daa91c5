//go:build linux

package vmtest

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Driver is one kind of machine: by the driver of its two network cards, or what it
// is for if it has none.
type Driver struct {
	Name    string   // by which it is asked for
	Device  string   // of QEMU, "" for no cards
	Modules []string // of the kernel
	// Taps on this machine join the cards, see betweenTaps, instead of a pair of
	// stream sockets.
	Taps bool
	// Plain is that it offloads nothing, and so may not be able to send segments: it is
	// tried without too.
	Plain bool
	// Suites are the tests of packages that it runs, and nothing else.
	Suites []Suite
}

// Drivers are, after those without cards, those of the cards that QEMU has and that can
// gather what they send from several pieces of memory, without which nothing is zero
// copy, and one that can't.
func Drivers() []Driver {
	return []Driver{
		{Name: "veth"}, // the links that a run makes for itself
		{Name: "uringzc", Suites: []Suite{
			{Package: "uringzc"},
			{Package: "strategies", Skip: "^TestReadmeStrategy$"}, // runs the Go command
		}},
		{Name: "link", Suites: []Suite{{Package: "runner/link"}, {Package: "runner/nic"}, {Package: "runner/probe"}}},
		{Name: "virtio_net", Device: "virtio-net-pci", Modules: []string{"virtio_pci", "virtio_net"}, Plain: true},
		{Name: "virtio_net-tap", Device: "virtio-net-pci", Modules: []string{"virtio_pci", "virtio_net"}, Taps: true},
		{Name: "vmxnet3", Device: "vmxnet3", Modules: []string{"vmxnet3"}},
		{Name: "e1000e", Device: "e1000e", Modules: []string{"e1000e"}},
		{Name: "e1000", Device: "e1000", Modules: []string{"e1000"}},
		{Name: "8139cp", Device: "rtl8139", Modules: []string{"8139cp"}},
		{Name: "igb", Device: "igb", Modules: []string{"igb"}},
	}
}

// missing tells what this machine lacks for the cards, nil for nothing. The devices
// that QEMU has are those in its own list, see models.
func (d Driver) missing(models string) error {
	switch {
	case d.Device != "" && !strings.Contains(models, fmt.Sprintf("name %q", d.Device)):
		return fmt.Errorf("this QEMU has no %s", d.Device)
	case d.Taps:
		return canTap()
	}
	return nil
}

// macs are the cards' addresses: locally administered ones.
var macs = [2]string{"52:54:00:12:34:01", "52:54:00:12:34:02"}

// cableFD is QEMU's descriptor of the first end of a cable, the other is the next.
const cableFD = 3

// cable joins two cards: each frame goes through a pair of connected stream sockets.
// A card that has no room for a frame leaves it there, in its order. (QEMU's hub,
// which would take no descriptors, was seen to deliver frames out of order then.)
func cable() ([]*os.File, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	return []*os.File{os.NewFile(uintptr(ends[0]), "cable"), os.NewFile(uintptr(ends[1]), "cable")}, nil
}

// arguments are those of QEMU for the cards.
func (d Driver) arguments() []string {
	if d.Device == "" {
		return nil
	}
	var args []string
	for i, mac := range macs {
		join := fmt.Sprintf("socket,fd=%d", cableFD+i)
		if d.Taps {
			join = "tap,script=no,downscript=no,ifname=" + taps[i]
		}
		args = append(args,
			"-netdev", fmt.Sprintf("%s,id=port%d", join, i),
			"-device", fmt.Sprintf("%s,netdev=port%d,mac=%s", d.Device, i, mac))
	}
	return args
}
