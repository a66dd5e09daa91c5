package probe

import (
	"fmt"
	"net"
	"strings"

	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// lookAt reads a device of the calling thread's network namespace and presumes what
// becomes of sends over it. Nothing is changed and nothing is sent.
func lookAt(name string, family int) (*Device, error) {
	device, err := nic.Open(name)
	if err != nil {
		return nil, err
	}
	defer device.Close()
	description, err := device.Describe()
	if err != nil {
		return nil, err
	}
	facts := link.DeviceCopyFacts(description, family)
	facts.Holders = tapHolders(facts.Taps)
	d := &Device{
		Device: results.Device(description), Family: family, AutoSegment: facts.Room,
		Reasons: append([]link.CopyReason{}, facts.Reasons()...), Sizes: []Presumed{},
		Notes: deviceNotes(description),
	}
	for _, r := range d.Reasons {
		if r.Cause == link.CauseChecksum {
			d.Notes = append(d.Notes, segmentNote(r))
		}
	}
	if i, err := net.InterfaceByName(description.Name); err == nil {
		d.Up = i.Flags&net.FlagUp != 0
	}
	for _, segment := range []int{facts.Room, 0} {
		for _, size := range Sizes {
			facts.Size, facts.Segment = size, segment
			p := Presumed{SizeBytes: size, SegmentBytes: segment}
			if reasons := facts.Reasons(); len(reasons) > 0 {
				p.Copied, p.Copy = true, reasons[0]
			}
			d.Sizes = append(d.Sizes, p)
		}
	}
	d.Verdict = judgeDevice(d.Name, d.Driver, d.Sizes, d.AutoSegment)
	return d, nil
}

// deviceNotes are about what costs time on a device and doesn't copy, and about
// devices of which their settings don't tell all.
func deviceNotes(d nic.Description) []Note {
	notes := []Note{}
	for _, f := range []struct{ name, means string }{
		{"tx-udp-segmentation", "the kernel cuts UDP messages into segments itself"},
		{"tx-tcp-segmentation", "the kernel cuts TCP's data into segments itself"},
	} {
		state := d.Features[f.name]
		n := Note{About: f.name, Value: "on", Means: "the device cuts messages into segments"}
		if strings.HasPrefix(state, "off") {
			n.Value, n.Low = "off", true
			n.Means = f.means + ", which costs CPU time and copies nothing"
			n.Cure = fmt.Sprintf("ethtool -K %s %s on", d.Name, f.name)
			if strings.HasSuffix(state, "[fixed]") {
				n.Cure = "take another device where that matters: the driver of this one can't"
			}
		}
		notes = append(notes, n)
	}
	if d.Driver == "veth" {
		notes = append(notes, Note{
			About: "driver", Value: d.Driver, Low: true,
			Means: "the other end decides: what a receiver or a router there takes is copied, what a bridge passes on isn't",
			Cure:  "measure with --link nic, whose record says what was copied",
		})
	}
	return notes
}
