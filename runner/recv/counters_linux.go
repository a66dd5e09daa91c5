package recv

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"

	"sendbench/runner/link/control"
)

// device is the one that an address belongs to.
type device struct {
	name  string // "" if none has the address
	index int
}

// deviceOf finds the device that has an address.
func deviceOf(a netip.Addr) device {
	devices, err := net.Interfaces()
	if err != nil {
		return device{}
	}
	for _, d := range devices {
		if a.Zone() != "" && a.Zone() != d.Name {
			continue
		}
		has, err := d.Addrs()
		if err != nil {
			continue
		}
		for _, on := range has {
			prefix, err := netip.ParsePrefix(on.String())
			// All of 127.0.0.0/8 is lo's (RFC 1122, 3.2.1.3).
			if err == nil && (prefix.Addr() == a.WithZone("") || a.IsLoopback() && prefix.Addr().IsLoopback()) {
				return device{d.Name, d.Index}
			}
		}
	}
	return device{}
}

// counters is what the kernel has counted beside the sockets, since it began.
type counters struct {
	kernel control.Kernel
	device control.Device
}

func (c counters) sub(earlier counters) counters {
	d := earlier.device
	c.kernel = c.kernel.Sub(earlier.kernel)
	c.device.Frames -= d.Frames
	c.device.Bytes -= d.Bytes
	c.device.Dropped -= d.Dropped
	return c
}

// counters reads them for an IP family.
func (d device) counters(family int) (counters, error) {
	// The process's own, whatever the calling thread's namespace is.
	path, parse := "/proc/self/net/snmp", parseSNMP
	if family == 6 {
		path, parse = "/proc/self/net/snmp6", parseSNMP6
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return counters{}, fmt.Errorf("read what the kernel dropped: %w", err)
	}
	c := counters{kernel: parse(string(text))}
	if d.name == "" {
		return c, nil
	}
	found, err := netlink.LinkByIndex(d.index)
	if err != nil {
		return counters{}, fmt.Errorf("read what %s dropped: %w", d.name, os.NewSyscallError("netlink", err))
	}
	if s := found.Attrs().Statistics; s != nil {
		c.device = control.Device{
			Frames: int64(s.RxPackets), Bytes: int64(s.RxBytes),
			Dropped: int64(s.RxDropped + s.RxMissedErrors + s.RxErrors),
		}
	}
	return c, nil
}

// parseSNMP reads /proc/net/snmp: for each protocol a line of names and one of values
// (snmp_seq_show, net/ipv4/proc.c). What isn't there is 0.
func parseSNMP(text string) control.Kernel {
	values := map[string]int64{}
	var names []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case len(names) == len(fields) && names[0] == fields[0]:
			for i, name := range names[1:] {
				values[names[0]+name] = number(fields[i+1])
			}
			names = nil
		default:
			names = fields
		}
	}
	return control.Kernel{
		UDPInErrors: values["Udp:InErrors"], UDPRcvbufErrors: values["Udp:RcvbufErrors"],
		UDPCsumErrors: values["Udp:InCsumErrors"], UDPNoPorts: values["Udp:NoPorts"],
		IPDiscards: values["Ip:InDiscards"], IPReasmFails: values["Ip:ReasmFails"],
	}
}

// parseSNMP6 reads /proc/net/snmp6: a name and a value a line (snmp6_seq_show,
// net/ipv6/proc.c).
func parseSNMP6(text string) control.Kernel {
	values := map[string]int64{}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) == 2 {
			values[fields[0]] = number(fields[1])
		}
	}
	return control.Kernel{
		UDPInErrors: values["Udp6InErrors"], UDPRcvbufErrors: values["Udp6RcvbufErrors"],
		UDPCsumErrors: values["Udp6InCsumErrors"], UDPNoPorts: values["Udp6NoPorts"],
		IPDiscards: values["Ip6InDiscards"], IPReasmFails: values["Ip6ReasmFails"],
	}
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64) // Ip:Forwarding and the like are of no use here
	return n
}
