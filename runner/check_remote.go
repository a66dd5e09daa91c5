//go:build linux

package runner

import (
	"fmt"
	"math"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/results"
)

// journey is the way of a trial's datagrams to a receiver on another host, as it was
// counted on it.
type journey struct {
	messages  int64     // that the kernel accepted
	size      int       // payload bytes of one
	parts     int64     // datagrams of one
	whole     link.Wire // what they come to where a device counts a GSO packet as one frame
	cut       link.Wire // where it counts its segments
	sent      link.Wire // what the sending device has counted, frames of others among them
	delivered link.Counts
}

// losses says where a journey's datagrams were dropped. Together with those that were
// delivered they are all.
type losses struct {
	device   int64 // by the sending device or its queue
	path     int64 // between the two devices
	receiver int64 // by the receiving device, or by the receiver's kernel before its socket
	socket   int64 // for want of room in the receiver's buffer
}

func (l losses) sum() int64 { return l.device + l.path + l.receiver + l.socket }

// strangers is the share of bytes above which frames of other programs are worth a
// remark.
const strangers = 0.01

// checkSent holds what the sending device has counted against what it was given.
// Drivers count GSO packets as one frame or as their segments, and other programs'
// frames are among them: others is how many bytes those have.
func (j journey) checkSent() (others int64, err error) {
	s := j.sent
	for _, form := range []link.Wire{j.cut, j.whole} {
		if s.Frames >= form.Frames && s.Bytes >= form.Bytes {
			return s.Bytes - form.Bytes, nil
		}
	}
	if s.Dropped > 0 && s.Frames+s.Dropped >= j.whole.Frames {
		return 0, nil // what it dropped isn't among the others
	}
	return 0, fmt.Errorf("the device counted %d frames, %d bytes, and %d dropped; %d messages make %d frames, %d bytes, or %d frames, %d bytes where GSO packets are counted by their segments",
		s.Frames, s.Bytes, s.Dropped, j.messages, j.whole.Frames, j.whole.Bytes, j.cut.Frames, j.cut.Bytes)
}

// payload is what counted frames carry, in datagrams, whichever way they are counted.
func (j journey) payload(w link.Wire) float64 {
	header := float64(j.whole.Bytes-j.messages*int64(j.size)) / float64(j.whole.Frames) // of a frame
	return (float64(w.Bytes) - header*float64(w.Frames)) / float64(j.size) * float64(j.parts)
}

// controls is about how many bytes of the control connection's the receiving device
// counts in a trial, beside the trial's own.
const controls = 4096

// locate finds where datagrams were dropped, by what was counted on their way: how
// many were lost is known exactly, by what the receiver read. Where a device counts
// other frames, too, they make losses before it look fewer.
func (j journey) locate() (losses, error) {
	d := j.delivered
	lost := j.messages*j.parts - d.Datagrams
	missing := j.messages - d.Messages // messages
	switch {
	case d.Duplicated > 0: // on the way, so that what was read says less
		lost = max(lost, missing)
	case lost < 0 || missing < 0:
		return losses{}, fmt.Errorf("%d messages of %d datagrams were sent; %d arrived, in %d datagrams", j.messages, j.parts, d.Messages, d.Datagrams)
	case lost < missing:
		return losses{}, fmt.Errorf("%d messages of %d didn't arrive whole and %d datagrams were lost: others came out of order, or damaged", missing, j.messages, lost)
	case lost > missing*j.parts:
		return losses{}, fmt.Errorf("%d messages of %d didn't arrive whole and %d datagrams were lost, which is more than they have", missing, j.messages, lost)
	}
	if lost <= 0 {
		return losses{}, nil
	}
	var l losses
	left := func() int64 { return lost - l.sum() }
	if j.sent.Dropped > 0 {
		short := int64(math.Round(float64(j.messages*j.parts) - j.payload(link.Wire{Frames: j.sent.Frames, Bytes: j.sent.Bytes})))
		l.device = min(left(), max(j.sent.Dropped, min(short, j.sent.Dropped*j.parts)))
	}
	between := int64(math.Round(min(j.payload(j.sent), float64(j.messages*j.parts-l.device)) - j.payload(d.Device)))
	// A socket counts what was damaged among its drops (udp_queue_rcv_one_skb,
	// net/ipv4/udp.c), for which it had room.
	noRoom := max(0, d.Drops-d.Kernel.UDPCsumErrors)
	l.path = max(0, min(between, left()-min(noRoom, left())))
	l.socket = min(left(), noRoom*j.parts)
	l.receiver = left()
	blur := int64(controls * j.parts / int64(j.size))
	if l.path > 0 && l.receiver <= blur && d.Device.Dropped == 0 && inKernel(d.Kernel) == 0 {
		l.path, l.receiver = l.path+l.receiver, 0
	}
	return l, nil
}

// inKernel is what the receiver's kernel dropped before a socket, or since it was damaged.
func inKernel(k control.Kernel) int64 {
	return k.UDPInErrors - k.UDPRcvbufErrors + k.IPDiscards + k.IPReasmFails
}

// checkRemote holds what was accepted against what was counted on the way to another
// host, and enters where it was dropped.
func (r *Rig) checkRemote(t *results.Trial, st stretch) error {
	c := t.Cell
	whole, cut, err := r.forms(c)
	if err != nil {
		return err
	}
	j := journey{
		messages: t.Messages, size: c.Size, parts: datagrams(c), whole: whole.Mul(t.Messages), cut: cut.Mul(t.Messages),
		sent: st.wire, delivered: st.arrived,
	}
	others, err := j.checkSent()
	if err != nil {
		return err
	}
	if float64(others) > strangers*float64(j.whole.Bytes) {
		t.Warnings = append(t.Warnings, fmt.Sprintf("other programs sent %d bytes over the device beside the trial's %d", others, j.whole.Bytes))
	}
	l, err := j.locate()
	if err != nil {
		return err
	}
	t.DroppedDevice, t.DroppedPath, t.DroppedReceiver, t.DroppedSocket = &l.device, &l.path, &l.receiver, &l.socket
	if lost := t.Messages - st.arrived.Messages; lost > 0 {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%d of %d messages were lost; datagrams dropped by the sending device: %d, on the way: %d, by the receiving device or kernel: %d, for want of room in the receiver's buffer: %d",
			lost, t.Messages, l.device, l.path, l.receiver, l.socket))
	}
	return nil
}

// forms are the two ways in which drivers count what one message of a cell comes to.
func (r *Rig) forms(c results.Cell) (whole, cut link.Wire, err error) {
	if whole, err = link.Expected(r.path, c.Size, c.Segment); err != nil {
		return whole, cut, err
	}
	segments := r.path
	segments.SuperFrames = false
	cut, err = link.Expected(segments, c.Size, c.Segment)
	return whole, cut, err
}

// due is what the sending device has to count for what it was given.
type due struct {
	least link.Wire            // of all the forms that drivers count in
	all   func(link.Wire) bool // a count has everything in it, whatever its form
}

// met tells whether a count may have everything in it. Drivers differ in what they
// count of a packet that is dropped, so then frames alone are held to it.
func (d due) met(w link.Wire) bool {
	return w.Frames+w.Dropped >= d.least.Frames && (w.Dropped > 0 || w.Bytes >= d.least.Bytes)
}

// datagramsDue is what messages of a cell come to.
func (r *Rig) datagramsDue(c results.Cell, messages int64) (due, error) {
	whole, cut, err := r.forms(c)
	if err != nil {
		return due{}, err
	}
	whole, cut = whole.Mul(messages), cut.Mul(messages)
	return due{whole, func(w link.Wire) bool {
		return w == whole || w.Frames >= cut.Frames && w.Bytes >= cut.Bytes
	}}, nil
}

// passed waits until the sending device has counted what is due, or counts no further,
// and returns what it has counted since before.
func (r *Rig) passed(before link.Wire, d due) (link.Wire, error) {
	var last link.Wire
	grown := time.Now() // when it last was
	for start := grown; ; time.Sleep(sentPoll) {
		now, err := r.link.Wire()
		if err != nil {
			return link.Wire{}, err
		}
		got := now.Sub(before)
		if got != last {
			last, grown = got, time.Now()
		}
		if d.all(got) || d.met(got) && time.Since(grown) > sentQuiet || time.Since(start) > settleLimit {
			return got, nil
		}
	}
}

const (
	// sentQuiet is how long a device that has counted enough for one form counts no
	// more before that is taken for its own form: drivers count what they have sent
	// when its memory is returned, which takes some interrupts.
	sentQuiet = 5 * time.Millisecond
	sentPoll  = 200 * time.Microsecond
)
