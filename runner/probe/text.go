package probe

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"sendbench/runner/link"
)

// WriteText writes the report for people, the answer first. Names that came from
// elsewhere can't reach the terminal's controls.
func (r *Report) WriteText(w io.Writer, color bool) error {
	t := text{bufio.NewWriter(w), color}
	t.verdict(r)
	t.link(r)
	if r.Device != nil {
		t.device(r.Device)
	}
	t.kernel(r)
	if notes := r.differences(); len(notes) > 0 {
		t.section("Where kernels differ, each tried here")
		for _, n := range notes {
			t.note(n)
		}
	}
	t.limits(r.Limits)
	if len(r.RootAdds) > 0 {
		t.section("Root would add")
		for _, what := range r.RootAdds {
			t.item(1, "-", "", what)
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// verdict is the answer, why, and what to change.
func (t text) verdict(r *Report) {
	answer, reasons := r.Link.Verdict, r.Link.reasons()
	if r.Device != nil {
		answer, reasons = r.Device.Verdict, r.Device.allReasons()
	}
	attribute := map[State]string{Yes: green, No: red, Unknown: yellow}[answer.ZeroCopy]
	t.flow(0, 2, attribute, r.Verdict)
	if r.FellBack != "" {
		t.item(6, "note", yellow, r.FellBack)
	}
	for i, reason := range reasons {
		if i > 0 || answer.ZeroCopy == Yes {
			t.item(6, "why", "", reason.What)
		}
		t.item(6, "change", bold, reason.Cure)
	}
}

// device is what its settings say.
func (t text) device(d *Device) {
	state := "down"
	if d.Up {
		state = "up"
	}
	driver := d.Driver
	if driver == "" {
		driver = "none"
	}
	t.section(fmt.Sprintf("Device %s: driver %s, MTU %d, %s (read only: nothing was changed or sent)", d.Name, driver, d.MTU, state))
	var settings []string
	for _, f := range []string{"tx-scatter-gather", "tx-checksum-ip-generic", "tx-checksum-ipv4", "tx-checksum-ipv6"} {
		if value := d.Features[f]; value != "" {
			settings = append(settings, f+" "+value)
		}
	}
	for _, limit := range []string{"gso_max_size", "gso_ipv4_max_size", "gso_max_segs"} {
		if value, ok := d.Limits[limit]; ok {
			settings = append(settings, limit+" "+countWord(value))
		}
	}
	if len(settings) > 0 {
		t.item(0, "", "", strings.Join(settings, ", "))
	}
	for _, n := range d.Notes {
		t.note(n)
	}
}

// kernel is what isn't there, with the reason, and what is.
func (t text) kernel(r *Report) {
	t.section("Linux " + r.Kernel + ", each tried")
	features := map[State]*groups{}
	for _, state := range []State{Yes, No, Unknown} {
		g := newGroups()
		features[state] = &g
	}
	for _, f := range r.Features {
		if g := features[f.State]; g != nil {
			g.add(f.Why, f.Name)
		}
	}
	for _, kind := range []struct {
		state           State
		word, attribute string
	}{{No, "lacks", red}, {Unknown, "?", yellow}, {Yes, "has", ""}} {
		for _, why := range features[kind.state].order {
			names := strings.Join(features[kind.state].names[why], ", ")
			if why != "" {
				names += ": " + why
			}
			t.item(5, kind.word, kind.attribute, names)
		}
	}
	if r.PiecesMax > 0 {
		t.item(5, "takes", "", fmt.Sprintf("a zero-copy message of up to %d pieces of memory; one of more is EMSGSIZE", r.PiecesMax))
	}
}

// limits are those that are low first.
func (t text) limits(l Limits) {
	t.section("Limits")
	for _, low := range []bool{true, false} {
		for _, n := range l.Notes {
			if n.Low == low {
				t.note(n)
			}
		}
	}
}

// note is a line of three columns, and what to change where something is low.
func (t text) note(n Note) {
	attribute := ""
	if n.Low {
		attribute = yellow
	}
	head := fmt.Sprintf("  %-*s  %-*s  ", nameColumn, printable(n.About), valueColumn, printable(n.Value))
	t.WriteString(head)
	t.flow(utf8.RuneCountInString(head), noteColumn, attribute, n.Means)
	if n.Low && n.Cure != "" {
		t.item(4, "", bold, "change  "+n.Cure) // near the edge, to keep commands in one line
	}
}

// Columns of notes, and where the words of one begin.
const (
	nameColumn  = 24
	valueColumn = 8
	noteColumn  = 2 + nameColumn + 2 + valueColumn + 2
)

// reasons are the different ones of tries that were copied or aren't told, in order.
func (l Link) reasons() []link.CopyReason {
	var found []link.CopyReason
	for _, t := range l.Tries {
		if t.Copy != nil {
			found = addReason(found, *t.Copy)
		}
	}
	return found
}

// allReasons are those at any size, and those at some.
func (d *Device) allReasons() []link.CopyReason {
	found := slices.Clone(d.Reasons)
	for _, p := range d.Sizes {
		if p.Copied {
			found = addReason(found, p.Copy)
		}
	}
	return found
}

// addReason keeps one reason of each cause: that of the least size.
func addReason(found []link.CopyReason, r link.CopyReason) []link.CopyReason {
	if slices.ContainsFunc(found, func(f link.CopyReason) bool { return f.Cause == r.Cause }) {
		return found
	}
	return append(found, r)
}
