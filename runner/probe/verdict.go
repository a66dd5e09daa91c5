package probe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verdict is the answer in one line.
type Verdict struct {
	ZeroCopy State `json:"zero_copy"` // No where every size is copied
	// CopiedFrom is the least size in bytes that is copied, by how messages are
	// segmented; null where none of those tried is.
	CopiedFromAuto *int   `json:"copied_from_auto_bytes"`
	CopiedFromOff  *int   `json:"copied_from_segment_off_bytes"`
	Seen           bool   `json:"seen"` // on sends; otherwise it is presumed
	Line           string `json:"line"`
}

// fate is what becomes of messages of one size in one way of segmenting.
type fate struct {
	size    int
	auto    bool // UDP_SEGMENT is set
	outcome Outcome
	reason  string // for anything but ZeroCopy
}

// judgeLink reads a verdict off the tries of the ways that ask for zero copy. Where
// those differ at a size, a copy counts.
func judgeLink(name string, tries []Try, autoSegment int) Verdict {
	var fates []fate
	for _, t := range tries {
		if t.Outcome == Sent {
			continue
		}
		f := fate{t.SizeBytes, t.SegmentBytes > 0, t.Outcome, t.Reason}
		if t.Copy != nil {
			f.reason = t.Copy.What
		}
		fates = append(fates, f)
	}
	v := judge(fates, "the link "+name, "", autoSegment)
	v.Seen = true
	return v
}

// judgeDevice reads a verdict off what is presumed of a device.
func judgeDevice(name, driver string, sizes []Presumed, autoSegment int) Verdict {
	var fates []fate
	for _, p := range sizes {
		f := fate{p.SizeBytes, p.SegmentBytes > 0, ZeroCopy, ""}
		if p.Copied {
			f.outcome, f.reason = Copied, p.Copy.What
		}
		fates = append(fates, f)
	}
	place := name + " (presumed from its settings, not seen)"
	if driver == "veth" {
		place = name + " (presumed from its settings, not seen; its other end has the last word)"
	}
	return judge(fates, place, "on "+place+", ", autoSegment)
}

// judge is about a place, which is put in front of reasons that don't tell it.
func judge(fates []fate, place, front string, autoSegment int) Verdict {
	v := Verdict{ZeroCopy: Unknown, CopiedFromAuto: copiedFrom(fates, true), CopiedFromOff: copiedFrom(fates, false)}
	auto, off := extent(fates, true), extent(fates, false)
	// reason is the first of an outcome.
	reason := func(o Outcome) (why string, ok bool) {
		i := slices.IndexFunc(fates, func(f fate) bool { return f.outcome == o })
		if i < 0 {
			return "", false
		}
		return fates[i].reason, true
	}
	if auto != none || off != none {
		v.ZeroCopy = Yes
		v.Line = fmt.Sprintf("zero copy works here: on %s, in segments of %d bytes %s, without UDP_SEGMENT %s", place, autoSegment, auto, off)
		return v
	}
	for _, o := range []struct {
		outcome Outcome
		state   State
		words   string
	}{
		{Copied, No, "would be copied"},
		{Unreported, Unknown, "can't be told"},
		{Unsupported, No, "no zero copy here"},
		{Failed, Unknown, "can't be told"},
	} {
		if why, ok := reason(o.outcome); ok {
			v.ZeroCopy = o.state
			v.Line = fmt.Sprintf("%s: %s%s", o.words, front, why)
			return v
		}
	}
	v.Line = fmt.Sprintf("can't be told: on %s nothing was tried", place)
	return v
}

// none is an extent that has no size.
const none = "at no size tried"

// extent says which sizes went without a copy in one way of segmenting.
func extent(fates []fate, auto bool) string {
	var went []string
	upTo := 0 // how many of the sizes from the least on
	for i, size := range Sizes {
		zero := false
		for _, f := range fates {
			if f.auto != auto || f.size != size {
				continue
			}
			if f.outcome == Copied {
				zero = false
				break
			}
			zero = zero || f.outcome == ZeroCopy
		}
		if zero {
			went = append(went, strconv.Itoa(size))
			if upTo == i {
				upTo++
			}
		}
	}
	switch {
	case len(went) == 0:
		return none
	case len(went) == len(Sizes):
		return "at every size tried"
	case upTo == len(went):
		return "up to " + went[upTo-1] + " bytes"
	}
	return "at " + strings.Join(went, ", ") + " bytes"
}

// copiedFrom is the least size that is copied in one way of segmenting.
func copiedFrom(fates []fate, auto bool) *int {
	var least *int
	for _, f := range fates {
		if f.auto == auto && f.outcome == Copied && (least == nil || f.size < *least) {
			least = &f.size
		}
	}
	return least
}
