//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/uringzc"
)

// exampleSource is liburing's own sender, as Debian's liburing-dev installs it.
const exampleSource = "/usr/share/doc/liburing-dev/examples/send-zerocopy.c"

// exampleRuntime is how long the example sends when told -t1: a second and 0.2
// besides. It divides by the second alone, so that only its count is of use.
const exampleRuntime = 1200 * time.Millisecond

// exampleFlags are what the example sets its ring up with.
const exampleFlags = uringzc.SetupCoopTaskrun

// exampleGoal is what the twin sends to one of the example's.
var exampleGoal = atLeast(0.95)

// exampleWays are the example's flags that make it send as a strategy does.
var exampleWays = map[string][]string{
	"uring-send":         {"-z0"},
	"uring-sendzc":       {"-z1", "-b0"},
	"uring-sendzc-fixed": {"-z1", "-b1"},
}

// example compares the twin with liburing's example, at the settings that the
// example can be given. It sends one buffer over and over and never writes to it,
// so the twin does here too, on a ring with the same flags. It doesn't know UDP_SEGMENT: large messages go over
// a device with an MTU to hold them. Its clock stops before the last
// notifications have come, to its advantage.
func (v *validation) example() section {
	s := section{
		Title: "The twin itself",
		Intro: fmt.Sprintf("The twin beside liburing's example send-zerocopy, both with rings of %v: one buffer that is never written to, no\n"+
			"segmentation, batches of as many. The example's clock stops after a nominal 1.2 s and before its last notifications; the twin has two\n"+
			"batches in flight, the example one and the notifications of those before.", exampleFlags),
		Left: "twin", Right: "example", Unit: gbits,
	}
	program, err := v.buildExample()
	if err != nil {
		s.Missing = err.Error()
		return s
	}
	for _, setting := range []struct {
		profile     string
		size, batch int
	}{
		{results.ProfileDefault, 1400, 32},
		{"mtu=65535", 64000, 8},
	} {
		rows, err := v.exampleUnder(program, setting.profile, setting.size, setting.batch)
		if err != nil {
			v.t.Fatal(err)
		}
		s.Rows = append(s.Rows, rows...)
	}
	return s
}

// buildExample compiles the example, or says why it can't.
func (v *validation) buildExample() (string, error) {
	if _, err := os.Stat(exampleSource); err != nil {
		return "", fmt.Errorf("liburing's example isn't installed: %w", err)
	}
	program := filepath.Join(v.t.TempDir(), "send-zerocopy")
	if err := compile(v.t.Context(), program, "-w", "-D_GNU_SOURCE", "-pthread", exampleSource); err != nil {
		return "", fmt.Errorf("liburing's example doesn't build by itself here: %w", err)
	}
	return program, nil
}

func (v *validation) exampleUnder(program, profile string, size, batch int) (rows []*comparison, err error) {
	p, err := nic.ParseProfile(profile)
	if err != nil {
		return nil, err
	}
	undo, err := v.link.Apply(p)
	if err != nil {
		return nil, err
	}
	defer func() {
		if undone := undo(); err == nil {
			err = undone
		}
	}()
	// The example keeps to the CPU of the thread that starts it.
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := meter.Pin(v.cpu); err != nil {
		return nil, err
	}
	defer func() {
		if unpinned := meter.Pin(cpus...); err == nil {
			err = unpinned
		}
	}()
	for _, strategy := range []string{"uring-send", "uring-sendzc", "uring-sendzc-fixed"} {
		rows = append(rows, &comparison{Name: strategy, Size: size, Batch: batch, Goal: exampleGoal})
	}
	for range v.effort.examplePairs {
		tw := v.start(0, exampleFlags)
		for _, i := range v.order.Perm(len(rows)) {
			c := rows[i]
			c.pair(v.order, func() (results.Trial, error) { return v.stillTrial(tw, c) }, func() (results.Trial, error) { return v.exampleTrial(program, c) })
		}
		v.stop(tw)
	}
	return rows, nil
}

// stillTrial is the twin's trial at what the example does.
func (v *validation) stillTrial(tw *twin, c *comparison) (results.Trial, error) {
	before, err := v.link.Wire()
	if err != nil {
		return results.Trial{}, err
	}
	a, err := tw.send(twinJob{Strategy: c.Name, Size: c.Size, Batch: c.Batch, Still: true, Length: exampleRuntime})
	if err != nil {
		return results.Trial{}, err
	}
	if err := v.arrived(before, results.Cell{Size: c.Size}, a.Messages); err != nil {
		a.Error = err.Error()
	} else if a.Copied != 0 {
		a.Error = fmt.Sprintf("the kernel copied %d messages of %d", a.Copied, a.Messages)
	}
	return a.Trial, nil
}

// sentByExample is how many messages the example says that it sent. (Its first
// word has changed over time.)
var sentByExample = regexp.MustCompile(`(?:tx|packets)=([0-9]+)`)

// exampleTrial runs the example.
func (v *validation) exampleTrial(program string, c *comparison) (t results.Trial, err error) {
	before, err := v.link.Wire()
	if err != nil {
		return t, err
	}
	dest := v.link.Dest()
	arguments := append([]string{
		"-4", "-D", dest.Addr().String(), "-p", strconv.Itoa(int(dest.Port())),
		"-s", strconv.Itoa(c.Size), "-n", strconv.Itoa(c.Batch), "-t1",
	}, exampleWays[c.Name]...)
	ctx, cancel := context.WithTimeout(v.t.Context(), 10*exampleRuntime)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, append(arguments, "udp")...).CombinedOutput()
	if err != nil {
		return t, fmt.Errorf("liburing's example: %w: %s", err, out)
	}
	m := sentByExample.FindSubmatch(out)
	if m == nil {
		return t, fmt.Errorf("liburing's example says %q, want tx=N or packets=N", out)
	}
	if t.Messages, err = strconv.ParseInt(string(m[1]), 10, 64); err != nil {
		return t, err
	}
	t.Bytes, t.ElapsedNS = t.Messages*int64(c.Size), int64(exampleRuntime)
	if err := v.arrived(before, results.Cell{Size: c.Size}, t.Messages); err != nil {
		t.Error = err.Error()
	}
	return t, nil
}
