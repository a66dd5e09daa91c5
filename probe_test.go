//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/probe"
)

// probeJSON runs a probe that prints JSON and nothing else.
func probeJSON(t *testing.T, cmd *exec.Cmd) *probe.Report {
	t.Helper()
	stdout, stderr := capture(cmd)
	err := cmd.Run()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		t.Skipf("no user namespace here to forbid things in: %v", err)
	}
	if err != nil || stderr.Len() != 0 {
		t.Fatalf("%v: %s", err, stderr)
	}
	var r probe.Report
	in := json.NewDecoder(bytes.NewReader(stdout.Bytes()))
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	return &r
}

// TestProbe: what was seen outside the namespace and what was tried inside come
// together, the device's answer first.
func TestProbe(t *testing.T) {
	needNamespace(t)
	r := probeJSON(t, sendbench(t, "probe", "--json", "--device", "lo"))
	if r.Link.Name != link.Sink || r.Link.Namespace == "none" || r.FellBack != "" || r.Limits.Namespace != "" {
		t.Errorf("tried link %q in %q, fell back because %q", r.Link.Name, r.Link.Namespace, r.FellBack)
	}
	if r.Device == nil || r.Device.Name != "lo" || r.Verdict != r.Device.Verdict.Line || !strings.HasPrefix(r.Verdict, "would be copied: on lo (presumed") {
		t.Errorf("verdict %q of device %+v", r.Verdict, r.Device)
	}
	if (r.Privileges == "root") != (len(r.RootAdds) == 0) {
		t.Errorf("%s, to whom root would add %q", r.Privileges, r.RootAdds)
	}
	if len(r.Link.Tries) == 0 || len(r.Features) == 0 || len(r.Limits.Notes) == 0 {
		t.Errorf("%d tries, %d features, %d notes", len(r.Link.Tries), len(r.Features), len(r.Limits.Notes))
	}
}

// TestProbeFallback: where the machine forbids namespaces a probe goes on with
// loopback, says so, and its exit code is 0 all the same.
func TestProbeFallback(t *testing.T) {
	for role, setting := range map[string]string{
		"no-user-namespaces": "user.max_user_namespaces is 0",
		"no-net-namespaces":  "user.max_net_namespaces is 0",
	} {
		for _, asked := range []string{link.Sink, link.Pair, link.Loopback} {
			t.Run(role+"/"+asked, func(t *testing.T) {
				r := probeJSON(t, forbidden(t, role, "probe", "--json", "--link", asked))
				if r.Link.Name != link.Loopback || !strings.Contains(r.Limits.Namespace, setting) {
					t.Errorf("tried link %s, no namespace because %q; want loopback and %q", r.Link.Name, r.Limits.Namespace, setting)
				}
				if told := strings.Contains(r.FellBack, asked) && strings.Contains(r.FellBack, setting); told != (asked != link.Loopback) {
					t.Errorf("fell back because %q", r.FellBack)
				}
			})
		}
	}
}
