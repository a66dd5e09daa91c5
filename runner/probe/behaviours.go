package probe

import "sendbench/runner/link"

// Names of behaviours.
const (
	// SumsSegments: UDP_SEGMENT is taken over a device without checksum offload.
	SumsSegments = "UDP_SEGMENT over a device without checksum offload"
	// CountsHugePages: a send from a registered huge page counts against SO_SNDBUF with
	// what is before it in that page.
	CountsHugePages = "registered huge pages count whole against SO_SNDBUF"
)

// aboutSegments is what a device's note on UDP_SEGMENT is about.
const aboutSegments = "UDP_SEGMENT"

// differences tell what kernels differ in, by what this one was found to do.
func (r *Report) differences() []Note {
	var notes []Note
	add := func(f Feature, about string, found map[State]Note) {
		if n, ok := found[f.State]; ok {
			if n.About = about; f.State == Unknown {
				n.Value, n.Means = "unknown", "it couldn't be tried: "+f.Why
			}
			notes = append(notes, n)
		}
	}
	ring, zeroCopy := find(r.Features, "io_uring"), find(r.Features, "IORING_OP_SEND_ZC")
	if ring.State == Yes {
		add(zeroCopy, "zero copy by io_uring", map[State]Note{
			Yes: {Value: "yes", Means: "uring-sendzc can run, and what is like it (Linux 6.0 and later)"},
			No: {
				Value: "no", Low: true, Cure: "take Linux 6.1 or later",
				Means: "of zero copy there is sendmmsg-zc alone: io_uring has it from Linux 6.0 on (SEND_ZC), and SENDMSG_ZC from 6.1 on",
			},
		})
	}
	if zeroCopy.State == Yes {
		add(find(r.Features, usageReports), "io_uring's usage reports", map[State]Note{
			Yes: {Value: "yes", Means: "each release of a send by io_uring says whether the kernel copied"},
			No: {
				Value: "no", Low: true, Cure: "take Linux 6.2 or later, or a late 6.1; or go by sendmmsg-zc, which is told",
				Means: "whether the kernel copied what io_uring sent isn't told (? above)",
			},
		})
	}
	add(find(r.Behaviours, SumsSegments), "without checksums", map[State]Note{
		Yes:     {Value: "sent", Means: "UDP_SEGMENT over a device without checksum offload: the kernel sums the segments itself (Linux 6.11 and later)"},
		No:      {Value: "refused", Means: "UDP_SEGMENT over a device without checksum offload is EIO, as before Linux 6.11: there it takes --segment off"},
		Unknown: {},
	})
	if zeroCopy.State == Yes {
		add(find(r.Behaviours, CountsHugePages), "registered huge pages", map[State]Note{
			Yes:     {Value: "whole", Means: "a send from one counts up to 2 MiB against SO_SNDBUF, so that few are in flight (Linux 6.12 and later): register small ones (MADV_NOHUGEPAGE)"},
			No:      {Value: "as sent", Means: "a send from one counts against SO_SNDBUF what it sends"},
			Unknown: {},
		})
	}
	return notes
}

// find is the feature of a name, one without a state if there is none.
func find(list []Feature, name string) Feature {
	for _, f := range list {
		if f.Name == name {
			return f
		}
	}
	return Feature{}
}

// segmentNote is about UDP_SEGMENT over a device that leaves checksums to the kernel,
// as long as it isn't known what this kernel does (udp_send_skb, net/ipv4/udp.c).
func segmentNote(noChecksum link.CopyReason) Note {
	return Note{
		About: aboutSegments, Value: "kernel decides", Low: true,
		Means: "without checksum offload on the device kernels before 6.11 refuse it (EIO)",
		Cure:  "--segment off, or " + noChecksum.Cure,
	}
}

// onSegments completes what is said of UDP_SEGMENT over the device by what this kernel
// was found to do.
func (d *Device) onSegments(sums Feature) {
	for i := range d.Notes {
		n := &d.Notes[i]
		if n.About != aboutSegments {
			continue
		}
		switch sums.State {
		case Yes:
			n.Value, n.Low, n.Cure = "sent", false, ""
			n.Means = "the device has no checksum offload, so the kernel cuts and sums the segments itself, which costs CPU time"
		case No:
			n.Value = "refused"
			n.Means = "without checksum offload on the device this kernel refuses it (EIO), as all before 6.11: nothing goes"
		}
	}
}
