//go:build linux

package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// receiver is sendbench recv on a host.
type receiver struct {
	cmd    *exec.Cmd
	secret string // its file
	at     string
}

// listening is what recv says when it is ready.
var listening = regexp.MustCompile(`listening on (\S+)`)

// receive starts sendbench recv on a host and waits until it listens.
func (h *host) receive(at, secret string, more ...string) *receiver {
	h.t.Helper()
	r := &receiver{cmd: sendbench(h.t, append([]string{"recv", "--listen", at, "--secret-file", secret}, more...)...), secret: secret}
	stderr, err := r.cmd.StderrPipe()
	h.must(err)
	h.start(r.cmd)
	said := bufio.NewScanner(stderr)
	for said.Scan() {
		if found := listening.FindStringSubmatch(said.Text()); found != nil {
			r.at = found[1]
			break
		}
	}
	if r.at == "" {
		h.t.Fatalf("recv on %s doesn't say that it listens: %v", at, said.Err())
	}
	go func() { // it says more, which nobody waits for
		for said.Scan() {
		}
	}()
	return r
}

// kill ends a receiver by a signal.
func (r *receiver) kill(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Wait() // it was killed
}

// twoHosts are the near one and another with a receiver, on one cable: the device of
// the near one is eth1.
func twoHosts(t *testing.T) (near, far *host, r *receiver) {
	t.Helper()
	near, far = nearHost(t), newHost(t)
	cable(near, "eth1", far, "eth2", 1)
	near.setMTU("eth1", 1500)
	return near, far, far.receive("10.1.0.2:7001", filepath.Join(t.TempDir(), "secret"))
}

// send prepares a run to a receiver, whose journals are in its own directory.
func send(t *testing.T, r *receiver, more ...string) *exec.Cmd {
	t.Helper()
	args := strings.Fields("run --link nic --device eth1 --footprint 1M --fill stamp --warmup 1ms --seed 42 --quiet --out r.jsonl --secret-file " + r.secret)
	cmd := sendbench(t, append(args, more...)...)
	cmd.Env = append(cmd.Env, "XDG_STATE_HOME="+cmd.Dir)
	return cmd
}
