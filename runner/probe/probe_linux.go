package probe

import (
	"context"
	"errors"
	"os"

	"sendbench/runner/link"
	"sendbench/runner/meter"
)

// Look sees what is to be seen where the command was started: the limits of this
// process and, unless its name is "", a device, presuming for an IP family, 4 or 6.
// It sends nothing. That there is no such device is an error that wraps unix.ENODEV.
func Look(device string, family int) (Surroundings, error) {
	env := meter.Environment(0)
	s := Surroundings{
		Kernel: env.Kernel, Privileges: env.Privileges,
		Limits: readLimits(os.DirFS("/proc"), env), RootAdds: []string{},
	}
	if s.Privileges != "root" {
		s.RootAdds = append(s.RootAdds,
			"the names of other users' programs that hold packet taps",
			"no limit on locked memory, so that large footprints can be registered (CAP_IPC_LOCK)")
		if s.Limits.IOUringDisabled == 1 {
			s.RootAdds = append(s.RootAdds, "io_uring, which kernel.io_uring_disabled keeps from others")
		}
	}
	if device == "" {
		return s, nil
	}
	var err error
	s.Device, err = lookAt(device, family)
	return s, err
}

// Examine tries what this kernel has, on loopback, and sends a few messages in every way
// over a link of a kind that it makes and takes away again. Sink and pair need a
// process that is link.Inside; where the machine allows none, refusal, which is nil
// otherwise, is link.Isolate's error, and loopback takes their place.
func Examine(ctx context.Context, s Surroundings, kind string, family int, refusal *link.NamespaceError) (r *Report, err error) {
	if refusal != nil {
		s.Limits.Namespace = plain(refusal)
		s.FellBack = fellBack(kind, s.Limits.Namespace)
		kind = link.Loopback
		if s.Privileges != "root" {
			s.RootAdds = append(s.RootAdds, "a network namespace without a user namespace, where the settings forbid those alone")
		}
	}
	s.Limits.Notes = s.Limits.notes()
	l, err := link.Open(kind, family)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	r = &Report{
		Schema: Schema, Surroundings: s,
		Features:  append(uringFeatures(), socketFeatures()...),
		PiecesMax: piecesMax(), Behaviours: behaviours(l),
	}
	if r.Link, err = tryLink(ctx, l); err != nil {
		return nil, err
	}
	r.Verdict = r.Link.Verdict.Line
	if s.Device != nil {
		s.Device.onSegments(find(r.Behaviours, SumsSegments))
		r.Verdict = s.Device.Verdict.Line
	}
	return r, nil
}

// fellBack is why loopback was tried in place of another link.
func fellBack(kind, why string) string {
	if kind == link.Loopback {
		return ""
	}
	return "loopback was tried in place of the link " + kind + ", which needs a network namespace of its own: " + why
}
