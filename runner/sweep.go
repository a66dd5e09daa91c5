//go:build linux

package runner

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// Segment sizes that are not a number of bytes.
const (
	SegmentAuto = -1 // the link's MTU less the headers
	SegmentOff  = 0
)

// Sweep is the axes that a run goes over, and how far. A nil axis stands for its
// part of the default sweep; one that is given is crossed with all others.
type Sweep struct {
	Link       string
	Proto      string // results.ProtoUDP or results.ProtoTCP; "" is UDP
	Family     int    // 4 or 6
	Strategies []string
	Sizes      []int // payload bytes
	Profiles   []nic.Profile
	Footprints []int64 // bytes
	Fills      []string
	Pages      []string // "" for small ones, results.PagesHuge
	Flows      []int    // senders at once
	Rates      []int64  // messages a second, 0 for as many as go
	Segment    int      // bytes, SegmentAuto or SegmentOff
	Batch      int
	// Full crosses all axes: every size on every profile, footprint and fill.
	Full bool
	// LLC is the size of the last-level cache in bytes, CPUs how many there
	// are; the default sweep depends on both.
	LLC  int64
	CPUs int
}

// Hot is the footprint that stays in cache.
const Hot = 1 << 20

// HotStream is Hot for TCP, whose largest message is as long as Hot: two of them.
const HotStream = 2 << 20

// The default sweep.
var (
	defaultSizes = []int{64, 256, 1400, 4096, 8192, 16384, 32768, 64000}
	// Sizes of the profiles other than the default one.
	profileSizes    = []int{1400, 8192, 16384, 64000}
	defaultProfiles = []string{results.ProfileDefault, "tx-udp-segmentation=off", "tx-scatter-gather=off", "mtu=9000"}
	defaultFills    = []string{results.FillStamp, results.FillFull}

	// Of TCP, which has no message that is too long.
	streamSizes        = []int{64, 256, 1400, 4096, 8192, 16384, 32768, 65536, 262144, 1 << 20}
	streamProfileSizes = []int{1400, 8192, 65536, 1 << 20}
	streamProfiles     = []string{results.ProfileDefault, "tx-tcp-segmentation=off", "tx-scatter-gather=off", "mtu=9000"}
)

// stream tells whether the sweep is over TCP.
func (s Sweep) stream() bool { return s.Proto == results.ProtoTCP }

// sizes are those of the default sweep.
func (s Sweep) sizes() []int {
	if s.stream() {
		return streamSizes
	}
	return defaultSizes
}

// profileSizes are those of the profiles other than the default one.
func (s Sweep) profileSizes() []int {
	if s.stream() {
		return streamProfileSizes
	}
	return profileSizes
}

// hot is the footprint of the default sweep that stays in cache.
func (s Sweep) hot() int64 {
	if s.stream() {
		return HotStream
	}
	return Hot
}

// coldFrom is the smallest message that the default sweep sends cold, and the
// smallest that it fills: smaller ones at page strides touch too little memory
// to leave the cache.
const coldFrom = 4096

// DefaultBatch is the number of messages handed over at once.
const DefaultBatch = 32

// Cold is the footprint that can't stay in a last-level cache of llc bytes:
// 256 MiB, or so much that the payload visited in one walk is twice the cache
// if that is more. The largest message of the default sweep fills 64000 bytes
// of each 16 pages; what lies between counts for nothing.
func Cold(llc int64) int64 {
	const mi = 1 << 20
	last := int64(defaultSizes[len(defaultSizes)-1])
	stride := int64(strategies.Stride(int(last)))
	need := (2*llc + last - 1) / last * stride
	return max(256*mi, (need+mi-1)/mi*mi)
}

// MaxBatch is the largest batch: two of them are the entries of a submission
// queue, and sendmmsg(2) takes no more than 1024 messages (UIO_MAXIOV).
const MaxBatch = 1024

// MaxSegments is the most segments that any kernel takes in one message
// (include/linux/udp.h, UDP_MAX_SEGMENTS: 64 before Linux 6.9).
const MaxSegments = 128

// Cells returns every cell of the sweep on one profile, of which auto is the
// segment size that the link's MTU gives. Cells that the default sweep leaves
// out on this machine come with the reason.
func (s Sweep) Cells(profile nic.Profile, auto int) (cells []results.Cell, left []results.Unsupported, err error) {
	if err := errors.Join(s.checkProto(), s.checkSizes(), s.checkFlows()); err != nil {
		return nil, nil, err
	}
	segment := s.Segment
	switch {
	case s.stream():
		segment = SegmentOff // TCP makes segments of its own
	case segment == SegmentAuto:
		segment = auto
	}
	if segment > auto {
		return nil, nil, fmt.Errorf("--segment %d: under profile %s the MTU leaves room for %d bytes; use --segment auto or %d at most",
			segment, profile, auto, auto)
	}
	if err := s.checkLargest(profile, segment); err != nil {
		return nil, nil, err
	}
	for _, group := range s.groups(profile, segment) {
		c, l := s.ways(group)
		cells, left = append(cells, c...), append(left, l...)
	}
	return cells, left, nil
}

// groups returns the points of the sweep on one profile.
func (s Sweep) groups(profile nic.Profile, segment int) (groups []results.Cell) {
	for _, rate := range or(s.Rates, []int64{0}) {
		for _, flows := range or(s.Flows, []int{1}) {
			for _, pages := range or(s.Pages, []string{""}) {
				for _, footprint := range or(s.Footprints, []int64{s.hot(), Cold(s.LLC)}) {
					for _, fill := range or(s.Fills, defaultFills) {
						for _, size := range or(s.Sizes, s.sizes()) {
							if !s.includes(profile, footprint, fill, size) {
								continue
							}
							groups = append(groups, results.Cell{
								Link: s.Link, Proto: cmp.Or(s.Proto, results.ProtoUDP), Family: s.Family, Connected: true, NIC: profile.String(), Flows: flows,
								Footprint: footprint, Pages: pages, Fill: fill, Segment: segment, Size: size, Batch: s.Batch, Rate: rate,
							})
						}
					}
				}
			}
		}
	}
	return groups
}

// Check finds what is wrong with a sweep on any link.
func (s Sweep) Check() error {
	widest := 1 << 16 // a segment size is a 16-bit number
	_, _, err := s.Cells(nic.Profile{}, widest)
	return err
}

// includes tells whether the sweep has a point. What the user named is always
// in; what they left open is crossed sparingly.
func (s Sweep) includes(profile nic.Profile, footprint int64, fill string, size int) bool {
	if s.Full {
		return true
	}
	if profile.String() != results.ProfileDefault {
		if s.Sizes == nil && !slices.Contains(s.profileSizes(), size) {
			return false
		}
		return (s.Footprints != nil || footprint == s.hot()) && (s.Fills != nil || fill == results.FillStamp)
	}
	if size >= coldFrom {
		return true
	}
	return (s.Footprints != nil || footprint == s.hot()) && (s.Fills != nil || fill == results.FillStamp)
}

// ways returns a group's cells: each strategy, and the baseline once more for
// the noise floor.
func (s Sweep) ways(group results.Cell) (cells []results.Cell, left []results.Unsupported) {
	for _, strategy := range strategies.All() {
		cell := group
		cell.Strategy = strategy.Name
		if s.Strategies == nil && strategy.CPUs > s.CPUs {
			left = append(left, results.Unsupported{Cell: cell, Omitted: true, Reason: fmt.Sprintf(
				"not in the default sweep on %d CPUs, since it needs %d to show what it can do; --strategy %s measures it all the same",
				s.CPUs, strategy.CPUs, strategy.Name)})
			continue
		}
		if s.Strategies != nil && !slices.Contains(s.Strategies, strategy.Name) && strategy.Name != strategies.Baseline().Name {
			continue
		}
		cells = append(cells, cell)
		if strategy.Name == strategies.Baseline().Name {
			cell.AA = true
			cells = append(cells, cell)
		}
	}
	return cells, left
}

// checkProto finds what a protocol can't have.
func (s Sweep) checkProto() error {
	switch {
	case s.stream() && s.Link == link.Sink:
		return fmt.Errorf("--proto %s: it needs a receiver, and the link %s has none; use --link %s", s.Proto, link.Sink, link.Pair)
	case s.stream() && s.Segment > 0:
		return fmt.Errorf("--segment %d: UDP_SEGMENT is for --proto %s, and TCP makes segments of its own; leave it out", s.Segment, results.ProtoUDP)
	}
	return nil
}

// checkSizes finds messages that no link can send.
func (s Sweep) checkSizes() error {
	least, most := strategies.StampSize, link.MaxPayload(s.Family)
	for _, size := range s.Sizes {
		if s.stream() && (size < least || size > strategies.MaxMessage) {
			return fmt.Errorf("--size %d: a message over TCP takes %d to %d bytes", size, least, strategies.MaxMessage)
		}
		if s.stream() {
			continue
		}
		if size < least || size > most {
			return fmt.Errorf("--size %d: a UDP message over IPv%d takes %d to %d bytes", size, s.Family, least, most)
		}
	}
	return nil
}

// checkFlows finds more flows than there are CPUs for, and rates that leave one
// without a message.
func (s Sweep) checkFlows() error {
	for _, flows := range s.Flows {
		if flows < 1 || flows > s.CPUs {
			return fmt.Errorf("--flows %d: each has a CPU of its own, and this process may run on %d; use 1 to %d", flows, s.CPUs, s.CPUs)
		}
		for _, rate := range s.Rates {
			if rate < int64(flows) {
				return fmt.Errorf("--rate %d with --flows %d: each flow sends a message a second or more", rate, flows)
			}
		}
	}
	return nil
}

// maxFootprint is more memory than a machine has, and so little that it can be counted
// for many flows.
const maxFootprint = 1 << 44

// checkLargest finds what the largest message is too large for: that is then told
// for all.
func (s Sweep) checkLargest(profile nic.Profile, segment int) error {
	largest := slices.Max(or(s.Sizes, s.sizes()))
	if segment > 0 && (largest+segment-1)/segment > MaxSegments {
		cause, cure := fmt.Sprintf("--segment %d", segment), fmt.Sprintf("--segment %d or more", (largest+MaxSegments-1)/MaxSegments)
		if s.Segment == SegmentAuto {
			cause, cure = "--nic "+profile.String(), "a larger mtu, a smaller --size or --segment off"
		}
		return fmt.Errorf("%s: %d bytes would be %d segments of %d and the kernel takes %d; use %s",
			cause, largest, (largest+segment-1)/segment, segment, MaxSegments, cure)
	}
	for _, footprint := range s.Footprints {
		if footprint > maxFootprint {
			return fmt.Errorf("--footprint %s: it takes %s at most", results.FormatBytes(footprint), results.FormatBytes(maxFootprint))
		}
		if least := 2 * int64(strategies.Stride(largest)); footprint < least {
			return fmt.Errorf("--footprint %s: it holds two messages of %d bytes or more; use %s at least",
				results.FormatBytes(footprint), largest, results.FormatBytes(least))
		}
	}
	return nil
}

// or is an axis, or its default where it wasn't given.
func or[T any](axis, otherwise []T) []T {
	if axis == nil {
		return otherwise
	}
	return axis
}

// DefaultProfiles are the NIC profiles of the default sweep over a protocol.
func DefaultProfiles(proto string) ([]nic.Profile, error) {
	names := defaultProfiles
	if proto == results.ProtoTCP {
		names = streamProfiles
	}
	var profiles []nic.Profile
	for _, name := range names {
		p, err := nic.ParseProfile(name)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, p)
	}
	return profiles, nil
}
