package recv

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// describe says what this host is, and what of it may make it the bottleneck.
func (r *receiver) describe(allowed []int) (results.Peer, error) {
	p := results.Peer{CPUs: len(allowed), ReceiveBufferBytes: int64(r.buffer), Warnings: []string{}}
	p.Hostname, _ = os.Hostname() // none is "" too
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return p, os.NewSyscallError("uname", err)
	}
	p.Kernel = unix.ByteSliceToString(name.Release[:])
	warn := func(format string, args ...any) { p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...)) }
	if r.device.name == "" {
		warn("no device of the receiver has the address that it receives on, so what it drops can't be told")
	} else {
		device, err := nic.Open(r.device.name)
		if err != nil {
			return p, err
		}
		defer device.Close()
		d, err := device.Describe()
		if err != nil {
			return p, err
		}
		p.Device = results.Device{Name: d.Name, Driver: d.Driver, MTU: d.MTU, Features: d.Features, Limits: d.Limits}
		if gro := d.Features["rx-gro"]; strings.HasPrefix(gro, "off") && d.Driver != "veth" {
			warn("rx-gro is off on the receiver's %s, which then takes each packet alone: ethtool -K %s gro on", d.Name, d.Name)
		}
	}
	if len(allowed) <= len(r.sources) {
		warn("the receiver has %d CPUs for %d receiving threads and all else: use fewer flows", len(allowed), len(r.sources))
	}
	// The kernel doubles what it is asked for.
	if r.buffer < 2*r.bufferAsked {
		warn("the receiver's sockets have room for %d bytes each instead of %d: run it as root, or there sysctl -w net.core.rmem_max=%d", r.buffer, 2*r.bufferAsked, r.bufferAsked)
	}
	return p, nil
}
