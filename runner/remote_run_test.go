//go:build linux

package runner

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/link/linktest"
	"sendbench/runner/nic"
	"sendbench/runner/recv"
	"sendbench/runner/results"
)

// overNIC is a run over lo to a receiver of this process, under a profile too.
func overNIC(t *testing.T) Options {
	t.Helper()
	linktest.Need(t)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	secret := control.NewSecret()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	server := control.Server{Secret: secret, Open: recv.Host{}.Open}
	go func() { served <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	o := short(t)
	o.Sweep.Link, o.Sweep.Family = link.NIC, 0
	o.Sweep.Profiles = []nic.Profile{profile(t, "default"), profile(t, "mtu=30000,txqueuelen=7")}
	o.Remote = &link.Remote{Device: "lo", To: listener.Addr().String(), Secret: secret}
	return o
}

// loSettings are those of lo that can be changed.
func loSettings(t *testing.T) nic.State {
	t.Helper()
	d, err := nic.Open("lo")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := d.State()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunOverNIC(t *testing.T) {
	o := overNIC(t)
	was := loSettings(t)
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	for _, trial := range rec.Trials {
		if trial.Error != "" || trial.DroppedPath == nil || trial.Missing == nil {
			t.Errorf("%s at %d B: error %q, dropped on the path %v, missing %v", trial.Cell.Strategy, trial.Cell.Size, trial.Error, trial.DroppedPath, trial.Missing)
		}
	}
	want := map[string]map[string]string{"mtu=30000,txqueuelen=7": {"mtu": "30000", "txqueuelen": "7"}}
	if diff := cmp.Diff(want, rec.Run.Environment.Link.Applied); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(was, loSettings(t)); diff != "" {
		t.Errorf("lo (-before +after):\n%s", diff)
	}
}

// TestStreamRunOverNIC: over TCP to another host every trial's counts agree, and the
// record names the congestion control, which is the machine's.
func TestStreamRunOverNIC(t *testing.T) {
	o := overNIC(t)
	o.Sweep.Proto, o.Sweep.Sizes, o.Sweep.Footprints = results.ProtoTCP, []int{1400, 65536}, []int64{HotStream}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	rec := read(t, o.Out)
	for _, trial := range rec.Trials {
		if trial.Error != "" || trial.RetransmittedBytes == nil || trial.DeliveredBytes == nil || *trial.DeliveredBytes != trial.Bytes {
			t.Errorf("%s at %d B: error %q, %d bytes sent, delivered %v", trial.Cell.Strategy, trial.Cell.Size, trial.Error, trial.Bytes, trial.DeliveredBytes)
		}
	}
	system, err := os.ReadFile("/proc/sys/net/ipv4/tcp_congestion_control")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rec.Run.Environment.Link.CongestionControl, strings.TrimSpace(string(system)); got != want {
		t.Errorf("congestion control %q, want the machine's %q", got, want)
	}
}

// TestPanicRestores: a panic in the middle of a run leaves the device as it was.
func TestPanicRestores(t *testing.T) {
	o := overNIC(t)
	was := loSettings(t)
	changed := false
	o.Progress = func(int, int) {
		if changed = loSettings(t).Numbers["mtu"] == 30000; changed {
			panic("planted")
		}
	}
	func() {
		defer func() {
			if what := recover(); what != "planted" {
				t.Errorf("the panic is %v", what)
			}
		}()
		err := Run(t.Context(), o)
		t.Errorf("the run ended with %v", err)
	}()
	if !changed {
		t.Error("the device was never changed")
	}
	if diff := cmp.Diff(was, loSettings(t)); diff != "" {
		t.Errorf("lo (-before +after):\n%s", diff)
	}
}

// TestCostlyChanges: where a change of settings takes long, rounds of a profile share a
// visit, and the user is told.
func TestCostlyChanges(t *testing.T) {
	o := overNIC(t)
	o.Rounds, o.Budget = 12, 2*time.Minute
	var remarks []string
	o.Remark = func(line string) { remarks = append(remarks, line) }
	r := newRun(o)
	if err := r.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer r.link.Close()
	if err := r.lay(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.change <= 0 {
		t.Errorf("changes take %v", r.change)
	}
	r.change = 3 * time.Second
	if err := r.plan(); err != nil {
		t.Fatal(err)
	}
	p := r.record.Run.Plan
	if p.Rounds != 12 || p.SuperRounds != leastVisits || !strings.Contains(p.WhyVisits, "3s a super-round") || len(remarks) != 1 || remarks[0] != p.WhyVisits {
		t.Errorf("%d rounds in %d super-rounds, because %q; the user is told %q", p.Rounds, p.SuperRounds, p.WhyVisits, remarks)
	}
	visits, rounds := 0, map[string]int{}
	last := ""
	for round := range Rounds(p, 1, nil) {
		if key := fmt.Sprint(round.Profile, round.SuperRound); key != last {
			visits, last = visits+1, key
		}
		rounds[round.Profile]++
	}
	if visits != 2*leastVisits || rounds["default"] != 12 || rounds["mtu=30000,txqueuelen=7"] != 12 {
		t.Errorf("%d visits, rounds %v", visits, rounds)
	}
}

// TestRefusedInTheMiddle: what the device refuses when a round comes to it are rows with
// the reason, and the run goes on.
func TestRefusedInTheMiddle(t *testing.T) {
	runtime.LockOSThread() // see work
	o := overNIC(t)
	r := newRun(o)
	if err := r.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer r.link.Close()
	if err := r.lay(t.Context()); err != nil {
		t.Fatal(err)
	}
	const refused = "ring.tx=64"
	r.profiles[refused] = profile(t, refused)
	device := &applied{link: r.link}
	for _, name := range []string{"mtu=30000,txqueuelen=7", refused, "default"} {
		c := r.record.Run.Plan.Cells[0]
		c.NIC = name
		var trials []results.Trial
		err := r.round(t.Context(), device, Round{Profile: name, Cells: []results.Cell{c}}, func(trial results.Trial) error {
			trials = append(trials, trial)
			return nil
		})
		if err != nil || len(trials) != 1 || (trials[0].Error != "") != (name == refused) {
			t.Fatalf("%s: %v, trials %+v", name, err, trials)
		}
		if name == refused && !strings.Contains(trials[0].Error, "no such setting") {
			t.Errorf("the reason is %q", trials[0].Error)
		}
	}
}
