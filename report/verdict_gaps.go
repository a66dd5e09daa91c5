package report

// sayGaps names what has no figures in a setting, since the answers above are silent on it:
// what this machine can't send, what was tried without a valid round, and what the run
// didn't get to.
func (v *voice) sayGaps(st SettingDecision) {
	if parts := v.blankPlaces(st, whyUnsupported); len(parts) > 0 {
		v.say("Not measured here", nil, "%s; the reasons are under Unsupported.", someOf(parts, "; "))
	}
	if parts := v.blankPlaces(st, whyInvalid); len(parts) > 0 {
		v.say("Without a valid round", nil, "%s.", someOf(parts, "; "))
	}
	if parts := v.blankPlaces(st, whyUnmeasured); len(parts) > 0 {
		v.say("Not reached by the run", nil, "%s.", someOf(parts, "; "))
	}
}

// blankPlaces are the strategies' cells without figures for a reason.
func (v *voice) blankPlaces(st SettingDecision, why string) []string {
	var p places
	names := strategyNames(v.summary)
	for _, b := range st.Buffers {
		sizes := b.walk.planned()
		for _, name := range names {
			p.add(name, b.walk.kind(), sizes, func(size int) bool {
				is, _ := b.walk.blank(name, size)
				return is == why
			}, "")
		}
	}
	return p.lines()
}
