//go:build linux

package vmtest

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"sendbench/runner/results"
)

// judgeTests makes each test of a test binary a subtest of its own.
func judgeTests(t *testing.T, o result, _ map[string]result) {
	cmd := exec.Command("go", "tool", "test2json")
	cmd.Stdin = strings.NewReader(o.text())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go tool test2json:", err)
	}
	type event struct{ Action, Test, Output string }
	said := map[string]string{}
	tests := 0
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var e event
		if err := d.Decode(&e); err != nil {
			t.Fatal("go tool test2json:", err)
		}
		test, _, _ := strings.Cut(e.Test, "/")
		said[test] += e.Output
		if e.Test == "" || e.Test != test || e.Action != "pass" && e.Action != "fail" && e.Action != "skip" {
			continue
		}
		tests++
		t.Run(test, func(t *testing.T) {
			switch e.Action {
			case "fail":
				t.Error(said[test])
			case "skip":
				t.Skip(said[test])
			}
		})
	}
	if tests == 0 || o.exit != 0 || o.late {
		t.Errorf("%d tests ended; exit code %d, killed for lack of time: %v\n%s", tests, o.exit, o.late, said[""])
	}
}

// succeeds judges a step by its exit code.
func succeeds(t *testing.T, o result, _ map[string]result) {
	if o.exit != 0 || o.late {
		t.Errorf("exit code %d, killed for lack of time: %v\n%s", o.exit, o.late, o.text())
	}
}

// succeedsOrIsTold judges a step that sends to another host and is gone on with, by what
// it says if it failed: an emulated machine may stand still for longer than the two take
// for a sign of life, and a run of which nothing is supported fails, too. Its record is
// judged later.
func succeedsOrIsTold(t *testing.T, o result, _ map[string]result) {
	told := func(what string) bool { return strings.Contains(o.text(), what) }
	if o.exit == 1 && (told("sendbench run --resume") || told("nothing was measured yet") || told("nothing can be measured")) {
		t.Log(o.text())
		return
	}
	succeeds(t, o, nil)
}

// isKilled judges a step that was to be killed in its midst.
func isKilled(t *testing.T, o result, _ map[string]result) {
	if o.exit != 128+int(unix.SIGKILL) || o.late {
		t.Errorf("exit code %d, killed for lack of time: %v; want that it was killed in its midst\n%s", o.exit, o.late, o.text())
	}
}

// sameAs judges a step that has to print what another printed, or must not, but for
// the carrier: some cards lose it for seconds when they are set anew.
func sameAs(other string, same bool) func(*testing.T, result, map[string]result) {
	return func(t *testing.T, o result, all map[string]result) {
		succeeds(t, o, nil)
		settings := func(lines []string) []string {
			return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, `"carrier":`) })
		}
		if diff := cmp.Diff(settings(all[other].output), settings(o.output)); (diff == "") != same {
			t.Errorf("the same as %q: %v, want %v; what differs:\n%s", other, !same, same, diff)
		}
	}
}

type judgeRecord func(*testing.T, *results.Record, map[string]Outcome)

// recorded judges a step by its record.
func recorded(file string, judge judgeRecord) func(*testing.T, result, map[string]result) {
	return func(t *testing.T, o result, _ map[string]result) {
		succeeds(t, o, nil)
		rec := readRecord(t, o.files[file])
		list, err := outcomes(rec)
		if err != nil {
			t.Error(err)
		}
		for _, s := range rec.Run.Plan.Strategies {
			t.Logf("%-20s %s %s", s, list[s].Word, list[s].Reason)
		}
		judge(t, rec, list)
	}
}

func readRecord(t *testing.T, data []byte) *results.Record {
	t.Helper()
	rec, err := results.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// copiesEverything judges a link on which the receiver's socket gets the sender's
// own buffers, and the kernel copies them for that.
func copiesEverything(t *testing.T, _ *results.Record, list map[string]Outcome) {
	for name, o := range list {
		if o.Word == ZeroCopy || o.Word == Partly {
			t.Errorf("%s: %s where everything has to be copied", name, o.Word)
		}
	}
}

// copiesAsAble judges a device by its features: without scatter-gather or checksum
// offload the kernel copies, see __ip_append_data in net/ipv4/ip_output.c, and with
// both nothing here makes it do so.
func copiesAsAble(t *testing.T, rec *results.Record, list map[string]Outcome) {
	features := rec.Run.Environment.Link.Device.Features
	on := func(name string) bool { return strings.HasPrefix(features[name], "on") }
	able := on("tx-scatter-gather") && (on("tx-checksum-ip-generic") || on("tx-checksum-ipv4"))
	for name, o := range list {
		if o.Word == Partly || o.Word == ZeroCopy && !able || o.Word == Copied && able {
			t.Errorf("%s: %s; the device's abilities are tx-scatter-gather %s, tx-checksum-ip-generic %s, tx-checksum-ipv4 %s", name, o.Word,
				features["tx-scatter-gather"], features["tx-checksum-ip-generic"], features["tx-checksum-ipv4"])
		}
	}
}
