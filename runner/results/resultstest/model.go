package resultstest

import (
	"strings"

	"sendbench/runner/results"
)

const (
	hotFootprint  = 1 << 20
	coldFootprint = 533 << 20
	headers       = 42 // Ethernet, IPv4 and UDP, in bytes
)

// cost is what one message takes: a fixed part in ns, and ns a byte when its
// buffer is in cache and when it isn't.
type cost struct {
	strategy  string
	fixed     float64
	hot, cold float64
	zeroCopy  bool
}

// costs are fitted to throughputs at 1400 and at 64000 bytes, hot and cold, as
// they were seen on a two-core virtual machine.
var costs = []cost{
	{"write", 2750, 0.0355, 0.0782, false},
	{"sendmmsg", 2010, 0.0448, 0.0845, false},
	{"sendmmsg-zc", 2530, 0.0092, 0.0114, true},
	{"uring-send", 2025, 0.0350, 0.0826, false},
	{"uring-sendzc", 2270, 0.0116, 0.0119, true},
	{"uring-sendzc-fixed", 2105, 0.0054, 0.0055, true},
	{"uring-sendmsgzc", 2330, 0.0118, 0.0121, true},
	{sqpoll, 0, 0, 0, true}, // never measured: two cores are too few
}

const sqpoll = "uring-sendzc-sqpoll"

func strategyNames() []string {
	names := make([]string, len(costs))
	for i, c := range costs {
		names[i] = c.strategy
	}
	return names
}

// costOf makes up a cost for a strategy that isn't listed, by its place.
func costOf(strategy string, place int) cost {
	for _, c := range costs {
		if c.strategy == strategy {
			return c
		}
	}
	x := float64(place % 23)
	return cost{strategy, 2000 + 40*x, 0.005 + 0.0025*x, 0.006 + 0.004*x, place%2 == 1}
}

// device is what a profile makes of the sink's device.
type device struct {
	mtu           int
	segments      bool // tx-udp-segmentation
	scatterGather bool
}

func deviceOf(profile string) device {
	d := device{mtu: 1500, segments: true, scatterGather: true}
	if strings.Contains(profile, "mtu=9000") {
		d.mtu = 9000
	}
	d.segments = !strings.Contains(profile, "tx-udp-segmentation=off")
	d.scatterGather = !strings.Contains(profile, "tx-scatter-gather=off")
	return d
}

func (d device) segment() int { return d.mtu - 28 } // IPv4 and UDP headers

// copies reports whether a zero-copy send is copied on this device.
func (d device) copies() bool { return !d.scatterGather }

// frames is how many frames of a message the far end counts.
func (d device) frames(size int) int64 {
	if d.segments {
		return 1
	}
	return int64((size + d.segment() - 1) / d.segment())
}

// messageNS is the time of one message in ns.
func messageNS(c cost, base cost, cell results.Cell, d device, copied bool) float64 {
	size := float64(cell.Size)
	cold := cell.Footprint > hotFootprint
	perByte := func(c cost) float64 {
		// What the sender has just filled is in cache again.
		if cold && cell.Fill == results.FillStamp {
			return c.cold
		}
		return c.hot
	}
	ns := c.fixed + size*perByte(c)
	if c.zeroCopy && copied {
		ns = c.fixed*1.1 + size*perByte(base) // pinned, notified and copied nevertheless
	}
	if cell.Fill == results.FillFull {
		if cold {
			ns += 0.63 * size
		} else {
			ns += 0.045 * size
		}
	}
	segments := float64((cell.Size + d.segment() - 1) / d.segment())
	if d.segments {
		return ns + 8*(segments-1)
	}
	return ns + 540*(segments-1)
}
