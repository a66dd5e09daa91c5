//go:build linux

package runner

import (
	"strings"
	"testing"

	"sendbench/runner/link"
	"sendbench/runner/link/control"
)

// travel is a journey of 1000 messages of 64000 bytes in 44 datagrams each over IPv4,
// or of 1400 bytes in one, of which nothing was lost.
func travel(size int) journey {
	const header, segment, messages = 42, 1472, 1000
	parts := int64((size + segment - 1) / segment)
	j := journey{messages: messages, size: size, parts: parts}
	j.whole = link.Wire{Frames: messages, Bytes: messages * int64(size+header)}
	j.cut = link.Wire{Frames: messages * parts, Bytes: messages * (int64(size) + header*parts)}
	j.sent = j.whole
	j.delivered = link.Counts{Messages: messages, Bytes: messages * int64(size), Datagrams: messages * parts, Device: j.whole}
	return j
}

// less makes a device count less by so many whole messages, as single frames or as
// their segments.
func (j journey) less(w link.Wire, messages int64) link.Wire {
	n := w.Frames / j.messages * messages
	return link.Wire{Frames: w.Frames - n, Bytes: w.Bytes - w.Bytes/j.messages*messages, Dropped: w.Dropped}
}

// lose takes messages away from what was delivered.
func (j *journey) lose(messages, datagrams int64) {
	j.delivered.Messages -= messages
	j.delivered.Bytes -= messages * int64(j.size)
	j.delivered.Datagrams -= datagrams
}

func TestLocate(t *testing.T) {
	for _, c := range []struct {
		name  string
		size  int
		event func(j *journey)
		want  losses
		err   string
	}{
		{"all arrive", 64000, func(*journey) {}, losses{}, ""},
		{"whole messages on the way", 64000, func(j *journey) {
			j.lose(10, 440)
			j.delivered.Device = j.less(j.whole, 10)
		}, losses{path: 440}, ""},
		{"on the way, between devices that count differently", 64000, func(j *journey) {
			j.lose(10, 440)
			j.delivered.Device = j.less(j.cut, 10)
		}, losses{path: 440}, ""},
		{"single segments on the way", 64000, func(j *journey) {
			j.lose(10, 10)
			j.sent = j.cut
			j.delivered.Device = link.Wire{Frames: j.cut.Frames - 10, Bytes: j.cut.Bytes - 10*(1472+42)}
		}, losses{path: 10}, ""},
		{"by the receiver's kernel", 64000, func(j *journey) { j.lose(10, 440) }, losses{receiver: 440}, ""},
		{"for want of room, as super-frames", 64000, func(j *journey) {
			j.lose(10, 440)
			j.delivered.Drops = 10
		}, losses{socket: 440}, ""},
		{"for want of room, as datagrams", 1400, func(j *journey) {
			j.lose(10, 10)
			j.delivered.Drops = 10
		}, losses{socket: 10}, ""},
		{"by the sending device", 1400, func(j *journey) {
			j.lose(10, 10)
			j.sent = j.less(j.whole, 10)
			j.sent.Dropped = 10
			j.delivered.Device = j.less(j.whole, 10)
		}, losses{device: 10}, ""},
		{"super-frames by the sending device", 64000, func(j *journey) {
			j.lose(10, 440)
			j.sent = j.less(j.whole, 10)
			j.sent.Dropped = 10
			j.delivered.Device = j.sent
			j.delivered.Device.Dropped = 0
		}, losses{device: 440}, ""},
		{"everywhere", 1400, func(j *journey) {
			j.lose(100, 100)
			j.sent = j.less(j.whole, 10)
			j.sent.Dropped = 10
			j.delivered.Device = j.less(j.whole, 30)
			j.delivered.Device.Dropped = 30
			j.delivered.Drops = 40
		}, losses{device: 10, path: 20, receiver: 30, socket: 40}, ""},
		{"on the way, behind the control connection's frames", 64, func(j *journey) {
			j.lose(100, 100)
			j.delivered.Device = j.less(j.whole, 100)
			j.delivered.Device.Frames += 5
			j.delivered.Device.Bytes += 5 * 250
		}, losses{path: 100}, ""},
		{"behind many frames of others", 1400, func(j *journey) {
			j.lose(100, 100)
			j.delivered.Device.Frames += 1000
			j.delivered.Device.Bytes += 1000 * 1514
		}, losses{receiver: 100}, ""},
		{"twice on the way", 1400, func(j *journey) {
			j.delivered.Datagrams += 3
			j.delivered.Duplicated = 3
		}, losses{}, ""},
		{"damaged on the way, which the socket counts among its drops", 1400, func(j *journey) {
			j.lose(10, 10)
			j.delivered.Drops = 10
			j.delivered.Kernel = control.Kernel{UDPInErrors: 7, UDPCsumErrors: 7, UDPRcvbufErrors: 3}
		}, losses{receiver: 7, socket: 3}, ""},
		{"some on the way, and one that the receiver's kernel counts", 64, func(j *journey) {
			j.lose(100, 100)
			j.delivered.Device = j.less(j.whole, 99)
			j.delivered.Kernel = control.Kernel{IPDiscards: 1}
		}, losses{path: 99, receiver: 1}, ""},
		{"more than was sent", 1400, func(j *journey) { j.delivered.Datagrams++ }, losses{}, "1000 arrived, in 1001 datagrams"},
		{"damaged", 64000, func(j *journey) { j.lose(1, 0) }, losses{}, "1 messages of 1000 didn't arrive whole and 0 datagrams were lost: others came out of order, or damaged"},
		{"too much", 64000, func(j *journey) { j.lose(1, 45) }, losses{}, "45 datagrams were lost, which is more than they have"},
	} {
		j := travel(c.size)
		c.event(&j)
		got, err := j.locate()
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %+v, %v; want an error with %q", c.name, got, err, c.err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if lost := j.messages*j.parts - j.delivered.Datagrams; lost > 0 && got.sum() != lost {
			t.Errorf("%s: %d datagrams were lost and %d are located", c.name, lost, got.sum())
		}
	}
}

func TestCheckSent(t *testing.T) {
	for _, c := range []struct {
		name   string
		event  func(j *journey)
		others int64
		err    bool
	}{
		{"as one frame", func(*journey) {}, 0, false},
		{"as segments", func(j *journey) { j.sent = j.cut }, 0, false},
		{"with others' frames", func(j *journey) { j.sent.Frames, j.sent.Bytes = j.sent.Frames+2, j.sent.Bytes+300 }, 300, false},
		{"as segments, with others' frames", func(j *journey) {
			j.sent = link.Wire{Frames: j.cut.Frames + 2, Bytes: j.cut.Bytes + 300}
		}, 300, false},
		{"some dropped", func(j *journey) { j.sent = j.less(j.whole, 5); j.sent.Dropped = 5 }, 0, false},
		{"too few", func(j *journey) { j.sent = j.less(j.whole, 5) }, 0, true},
		{"fewer than were dropped", func(j *journey) { j.sent = j.less(j.whole, 5); j.sent.Dropped = 4 }, 0, true},
		{"too short", func(j *journey) { j.sent.Bytes -= 1 }, 0, true},
	} {
		j := travel(64000)
		c.event(&j)
		others, err := j.checkSent()
		if others != c.others || (err != nil) != c.err {
			t.Errorf("%s: %d bytes of others, %v; want %d, error %v", c.name, others, err, c.others, c.err)
		}
	}
}
