package report

import (
	"fmt"
	"strings"

	"sendbench/runner/results"
)

// peerNotices say what may make the receiver the bottleneck.
func peerNotices(l results.Link) (out []string) {
	if l.Peer == nil {
		return nil
	}
	for _, w := range l.Peer.Warnings {
		out = append(out, fmt.Sprintf("The receiver, %s, may be what limits: %s", peerName(*l.Peer), sentence(w)))
	}
	return out
}

// peerName is the receiver's host or, where it didn't tell, its address.
func peerName(p results.Peer) string {
	return orUnknown(printable(p.Hostname), orUnknown(printable(p.Control), "which didn't say who it is"))
}

// deviceName is a device and its driver: eth1 (ixgbe).
func deviceName(d results.Device) string {
	name := printable(d.Name)
	if d.Driver != "" {
		name = strings.TrimSpace(fmt.Sprintf("%s (%s)", name, printable(d.Driver)))
	}
	return name
}

// peerSentence says who received, on what; nothing where that was this machine.
func peerSentence(l results.Link) string {
	if l.Peer == nil {
		return ""
	}
	from, to := deviceName(l.Device), deviceName(l.Peer.Device)
	text := "Received on host " + peerName(*l.Peer)
	if to != "" {
		text += ", device " + to
	}
	if l.Peer.Kernel != "" {
		text += ", Linux " + printable(l.Peer.Kernel)
	}
	if from != "" {
		text += "; sent from device " + from
	}
	if most := l.Peer.MaxBitsPerSecond; most > 0 {
		text += fmt.Sprintf("; at most %s Gbit/s were agreed", figure(gigabits(float64(most))))
	}
	return text + "."
}

// peerFacts are what the receiver told of itself.
func peerFacts(p results.Peer) factGroup {
	g := factGroup{Heading: "Receiver"}
	g.add("Host", p.Hostname)
	g.add("Kernel", p.Kernel)
	if p.CPUs > 0 {
		g.add("CPUs", fmt.Sprint(p.CPUs))
	}
	g.add("Control connection", p.Control)
	g.addDevice(p.Device)
	if p.ReceiveBufferBytes > 0 {
		g.add("SO_RCVBUF granted", bytesLabel(p.ReceiveBufferBytes))
	}
	if p.MaxBitsPerSecond > 0 {
		g.add("Rate agreed, at most", figure(gigabits(float64(p.MaxBitsPerSecond)))+" Gbit/s")
	}
	if p.MaxSeconds > 0 {
		g.add("Time agreed, at most", nanoseconds(p.MaxSeconds*1e9))
	}
	return g
}
