//go:build linux

package runner

import (
	"sendbench/runner/link"
	"sendbench/runner/nic"
)

// applied is the profile that a link has while rounds of it follow each other. It is
// changed only where the next round has another one.
type applied struct {
	link *link.Link
	now  nic.Profile
	undo func() error // nil where nothing is applied
}

// change gives the link another profile. With an error it has the default one, or still
// the one before where that could not be taken back.
func (a *applied) change(p nic.Profile) error {
	if a.undo != nil && a.now == p {
		return nil
	}
	if err := a.clear(); err != nil {
		return err
	}
	undo, err := a.link.Apply(p)
	if err != nil {
		return err
	}
	a.now, a.undo = p, undo
	return nil
}

// clear puts the link back. What can't be put back is tried again the next time.
func (a *applied) clear() error {
	if a.undo == nil {
		return nil
	}
	if err := a.undo(); err != nil {
		return err
	}
	a.undo = nil
	return nil
}

// differences are the settings that aren't as they were, and what they are now.
func differences(was, now map[string]string) map[string]string {
	diff := map[string]string{}
	for name, value := range now {
		if value != was[name] {
			diff[name] = value
		}
	}
	return diff
}
