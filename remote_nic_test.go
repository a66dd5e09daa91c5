//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"sendbench/runner"
	"sendbench/runner/results"
)

// profilesOfNIC: what the device can't have is left out and said, what mustn't be changed
// isn't, and one run at a time changes it.
func profilesOfNIC(t *testing.T) {
	quick := strings.Fields("--to 10.1.0.2:7001 --size 1400 --strategy write --rounds 2 --trial 2ms")
	t.Run("refused settings", func(t *testing.T) {
		_, _, r := twoHosts(t)
		was := state(t, "eth1")
		cmd := send(t, r, append(quick, "--nic", "default", "--nic", "ring.tx=64", "--nic", "mtu=9500", "--nic", "mtu=4000")...)
		stdout, stderr := capture(cmd)
		if err := cmd.Run(); err != nil || stdout.Len() != 0 || strings.Count(stderr.String(), "\n") != 2 ||
			!strings.Contains(stderr.String(), "sendbench: profile ring.tx=64 is left out: ") ||
			!strings.Contains(stderr.String(), "sendbench: profile mtu=9500 is left out: ") || !strings.Contains(stderr.String(), "the receiver's device has an MTU of 9000") {
			t.Fatalf("%v, says %q", err, stderr)
		}
		rec := readRun(t, cmd)
		everyRoundOnce(t, rec)
		accounted(t, rec)
		reasons := map[string]string{}
		for _, u := range rec.Unsupported {
			reasons[u.Cell.NIC] = u.Reason
		}
		if len(reasons) != 2 || !strings.Contains(reasons["ring.tx=64"], "no such setting") || !strings.Contains(reasons["mtu=9500"], "MTU of 9000") {
			t.Errorf("the record has as unsupported: %q", reasons)
		}
		asBefore(t, was)
	})
	t.Run("default route", func(t *testing.T) {
		near, _, r := twoHosts(t)
		_, everywhere, err := net.ParseCIDR("0.0.0.0/0")
		near.must(err)
		near.must(near.handle.RouteAdd(&netlink.Route{Dst: everywhere, Gw: net.ParseIP("10.1.0.2")}))
		was := state(t, "eth1")
		cmd := send(t, r, append(quick, "--nic", "mtu=4000")...)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitFailed ||
			string(out) != "sendbench: eth1 is not changed, since it carries the IPv4 default route: take another device, or --force\n" {
			t.Errorf("exit code %d, says %q", cmd.ProcessState.ExitCode(), out)
		}
		asBefore(t, was)
		cmd = send(t, r, quick...)
		if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), "\n") != 1 || !strings.HasPrefix(string(out), "sendbench: only the default profile is measured: ") {
			t.Errorf("without --nic: %v, says %q", err, out)
		}
		if profiles := readRun(t, cmd).Run.Plan.Profiles; len(profiles) != 1 || profiles[0] != results.ProfileDefault {
			t.Errorf("without --nic it measures the profiles %q", profiles)
		}
		cmd = send(t, r, append(quick, "--nic", "mtu=4000", "--force")...)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) != 0 {
			t.Errorf("with --force: %v, says %q", err, out)
		}
		accounted(t, readRun(t, cmd))
		asBefore(t, was)
	})
	t.Run("two runs", func(t *testing.T) {
		near, far, r := twoHosts(t)
		was := state(t, "eth1")
		other := far.receive("10.1.0.2:7101", r.secret)
		first := send(t, r, strings.Fields("--to "+r.at+" --size 1400 --strategy write --nic mtu=4000 --rounds 200 --trial 20ms")...)
		near.start(first)
		poll(t, "record of the first run", func() bool {
			content, err := os.ReadFile(first.Dir + "/r.jsonl")
			return err == nil && strings.Contains(string(content), `{"record":"trial"`)
		})
		second := send(t, other, strings.Fields("--to "+other.at+" --size 1400 --nic mtu=5000")...)
		if out, _ := second.CombinedOutput(); second.ProcessState.ExitCode() != exitFailed || !strings.HasPrefix(string(out), "sendbench: eth1 is in use by process ") || strings.Count(string(out), "\n") != 1 {
			t.Errorf("the second run: exit code %d, says %q", second.ProcessState.ExitCode(), out)
		}
		if err := first.Process.Signal(unix.SIGINT); err != nil {
			t.Fatal(err)
		}
		_ = first.Wait() // the exit code says it
		if code := first.ProcessState.ExitCode(); code != exitInterrupted {
			t.Errorf("the first run ended with exit code %d", code)
		}
		asBefore(t, was)
	})
	t.Run("device vanishes", func(t *testing.T) {
		near, _, r := twoHosts(t)
		cmd := send(t, r, strings.Fields("--to "+r.at+" --size 1400 --strategy write --nic mtu=4000 --rounds 200 --trial 20ms")...)
		_, stderr := capture(cmd)
		near.start(cmd)
		poll(t, "some trials", func() bool {
			content, err := os.ReadFile(cmd.Dir + "/r.jsonl")
			return err == nil && strings.Count(string(content), `{"record":"trial"`) >= 4
		})
		near.must(near.handle.LinkDel(near.device("eth1")))
		_ = cmd.Wait() // the exit code says it
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "eth1 is not as it was: ") || !strings.Contains(stderr.String(), "the receiver at 10.1.0.2:7001 is gone: ") {
			t.Errorf("exit code %d, says %q", code, stderr)
		}
		t.Logf("says %s", stderr)
		rec, err := runner.Salvage(cmd.Dir + "/r.jsonl")
		if err != nil || rec.End == nil || rec.End.Status != results.StatusInterrupted {
			t.Errorf("the record ends with %+v (%v)", rec.End, err)
		}
	})
}

// capped: a run keeps to what the receiver takes, in bits and in time.
func capped(t *testing.T) {
	_, far, r := twoHosts(t)
	r.kill(t)
	r = far.receive(r.at, r.secret, "--max-rate", "200M", "--max-time", "20s")
	cmd := send(t, r, strings.Fields("--to "+r.at+" --size 1400,64000 --strategy uring-sendzc --nic default --flows 1,"+mostFlows()+" --rounds 2 --trial 50ms --budget 60s")...)
	stdout, stderr := capture(cmd)
	if err := cmd.Run(); err != nil || stdout.Len() != 0 || stderr.String() != "sendbench: the receiver takes packets for 20s, so the budget is 18s and not 1m0s; sendbench recv --max-time sets it\n" {
		t.Fatalf("%v, says %q", err, stderr)
	}
	rec := readRun(t, cmd)
	everyRoundOnce(t, rec)
	accounted(t, rec)
	if p := rec.Run.Environment.Link.Peer; p.MaxBitsPerSecond != 200e6 || p.MaxSeconds != 20 {
		t.Errorf("the record has %d bits a second for %d s, agreed were 200M and 20", p.MaxBitsPerSecond, p.MaxSeconds)
	}
	for _, trial := range rec.Trials {
		if rate := float64(trial.Bytes) * 8e9 / float64(trial.ElapsedNS); rate > 200e6 {
			t.Errorf("%s at %d B: %.0f bits a second are more than the 200M agreed", trial.Cell.Strategy, trial.Cell.Size, rate)
		}
		if !strings.Contains(strings.Join(trial.Warnings, "\n"), "held back by its cap of 0.2 Gbit/s") {
			t.Errorf("%s at %d B has warnings %q and none of the cap", trial.Cell.Strategy, trial.Cell.Size, trial.Warnings)
		}
	}
	for args, says := range map[string]string{
		"--max-rate 1M":            "sendbench: --size 64000: the receiver and --max-rate leave 1000000 bits a second",
		"--max-rate 20M --rate 1k": "sendbench: --rate 1000: messages of 64000 bytes at that rate are more than the 20000000 bits a second",
	} {
		cmd := send(t, r, append(strings.Fields("--to "+r.at+" --size 64000 --nic default --budget 10s"), strings.Fields(args)...)...)
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitUsage || !strings.HasPrefix(string(out), says) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s: exit code %d, says %q; want %d and %q", args, cmd.ProcessState.ExitCode(), out, exitUsage, says)
		}
	}
}

// mostFlows is the most senders that this machine has CPUs for, of two.
func mostFlows() string { return fmt.Sprint(min(2, runtime.NumCPU())) }

// goesOn is what an interrupted run says last.
var goesOn = regexp.MustCompile(`; sendbench (run --resume .*) goes on\n$`)

// asTold goes on with a run by the command that it said, as it is.
func asTold(t *testing.T, cut *exec.Cmd, said string) {
	t.Helper()
	told := goesOn.FindStringSubmatch(said)
	if told == nil {
		t.Fatalf("says %q, which is no command to go on with", said)
	}
	cmd := sendbench(t, strings.Fields(told[1])...)
	cmd.Dir, cmd.Env = cut.Dir, cut.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", told[1], err, out)
	}
	everyRoundOnce(t, readRun(t, cmd))
}

// endedRun: whatever ends a run in the middle of a sweep of profiles, the device is as it
// was; after a kill -9 by sendbench nic restore.
func endedRun(t *testing.T) {
	for _, c := range []struct {
		signal unix.Signal
		code   int
	}{
		{unix.SIGINT, exitInterrupted}, {unix.SIGTERM, exitInterrupted}, {unix.SIGHUP, exitInterrupted}, {unix.SIGQUIT, exitInterrupted},
		{unix.SIGKILL, -1},
	} {
		t.Run(unix.SignalName(c.signal), func(t *testing.T) {
			near, _, r := twoHosts(t)
			was := state(t, "eth1")
			cmd := send(t, r, strings.Fields("--to "+r.at+" --size 1400 --strategy write --nic mtu=4000,tx-scatter-gather=off --nic gso_max_size=30000,txqueuelen=77 --rounds 12 --trial 20ms")...)
			_, stderr := capture(cmd)
			near.start(cmd)
			poll(t, "some trials", func() bool {
				content, err := os.ReadFile(cmd.Dir + "/r.jsonl")
				return err == nil && strings.Count(string(content), `{"record":"trial"`) >= 8
			})
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the exit code says it
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, says %q; want %d", code, stderr, c.code)
			}
			if c.signal == unix.SIGKILL {
				restore := sendbench(t, "nic", "restore")
				restore.Env = cmd.Env
				if out, err := restore.CombinedOutput(); err != nil {
					t.Errorf("nic restore: %v: %s", err, out)
				}
			}
			asBefore(t, was)
			if _, err := runner.Salvage(cmd.Dir + "/r.jsonl"); err != nil {
				t.Errorf("the record can't be read: %v", err)
			}
			if c.signal == unix.SIGINT {
				asTold(t, cmd, stderr.String())
				asBefore(t, was)
			}
		})
	}
}
