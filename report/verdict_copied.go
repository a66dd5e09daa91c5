package report

import "slices"

// sayCopied tells where zero copy didn't happen, and where that can't be told.
func (v *voice) sayCopied(st SettingDecision) {
	why := v.whyCopied(st)
	all := copiedPlaces(st, func(c Copied) (sizes []int, note string) { return c.AllBytes, "" })
	if len(all) > 0 {
		v.say("Copied", nil, "zero copy did not happen: the kernel copied every send of %s.%s", join(all, "and"), why)
		why = ""
	}
	part := copiedPlaces(st, func(c Copied) (sizes []int, note string) { return c.PartBytes, " (up to " + percent(c.mostPart) + ")" })
	if len(part) > 0 {
		v.say("Copied", nil, "the kernel copied part of the sends of %s: their figures mix both.%s", join(part, "and"), why)
	}
	untold := copiedPlaces(st, func(c Copied) (sizes []int, note string) { return c.UntoldBytes, "" })
	if len(untold) > 0 {
		v.say("Copied or not", nil, "the kernel doesn't tell of all sends of %s.", join(untold, "and"))
	}
}

// copiedPlaces are the strategies' sizes of a kind, with a note.
func copiedPlaces(st SettingDecision, kind func(Copied) (sizes []int, note string)) []string {
	var p places
	for _, b := range st.Buffers {
		for _, c := range b.Copied {
			sizes, note := kind(c)
			p.add(c.Strategy, b.walk.kind(), c.sizes, func(size int) bool { return slices.Contains(sizes, size) }, note)
		}
	}
	return p.lines()
}

// whyCopied is the presumed reason: what the record says of the link or, where the first
// profile's sends were not copied, the profile itself.
func (v *voice) whyCopied(st SettingDecision) string {
	if reason := v.decision.Run.WhyCopied; reason != "" {
		return " Presumed reason: " + sentence(reason)
	}
	first := v.decision.Settings[0]
	if first.NIC == st.NIC || slices.ContainsFunc(first.Buffers, func(b BufferDecision) bool {
		return len(b.Copied) == 0 || slices.ContainsFunc(b.Copied, func(c Copied) bool { return len(c.NoneBytes) < len(c.sizes) })
	}) {
		return ""
	}
	return " Under " + printable(first.NIC) + " it copied none: presumably the profile is the reason."
}
