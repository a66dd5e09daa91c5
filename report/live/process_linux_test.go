package live

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if IsProcess() {
		os.Exit(ServeProcess())
	}
	os.Exit(m.Run())
}

// TestProcess serves from a process that yields to every other, on the CPUs that it was
// given, until its run is over.
func TestProcess(t *testing.T) {
	a, err := ParseAddress("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := a.Listen()
	if err != nil {
		t.Fatal(err)
	}
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	cpu := 0
	for !allowed.IsSet(cpu) {
		cpu++
	}
	p, err := Start(l, Options{File: filepath.Join(t.TempDir(), "r.jsonl"), CPUs: []int{cpu}})
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String() + "/"
	reply, err := http.Head(url)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Errorf("%v, %v", reply, err)
	}
	attr, err := unix.SchedGetAttr(p.cmd.Process.Pid, 0)
	if err != nil || attr.Policy != unix.SCHED_IDLE {
		t.Errorf("its policy is %+v, %v, want SCHED_IDLE", attr, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if want := fmt.Sprintf("Cpus_allowed_list:\t%d\n", cpu); err != nil || !strings.Contains(string(status), want) {
		t.Errorf("%v, its status lacks %q:\n%s", err, want, status)
	}
	own, err := unix.SchedGetAttr(0, 0)
	if err != nil || own.Policy == unix.SCHED_IDLE {
		t.Errorf("the policy here is %+v, %v", own, err)
	}
	if err := p.End(); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("it is there after its run")
	}
}

// TestProcessEndsWithItsRun ends when the other process is gone, whatever way.
func TestProcessEndsWithItsRun(t *testing.T) {
	a, err := ParseAddress("[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := a.Listen()
	if err != nil {
		t.Skipf("needs ::1: %v", err)
	}
	p, err := Start(l, Options{File: filepath.Join(t.TempDir(), "r.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.life.Close(); err != nil { // as the kernel closes it
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestStartFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(l, Options{File: filepath.Join(file, "below")}); err == nil {
		t.Error("it serves a record that can't be")
	}
}
