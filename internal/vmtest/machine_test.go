//go:build linux

package vmtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sendbench/internal/vmtest/guest"
)

func TestComplaint(t *testing.T) {
	for console, want := range map[string]string{
		"[    2.4] Run /init as init process\r\n[    9.1] reboot: Power down\r\n":                    "",
		"[    2.0] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n[    2.1] CPU: 0\r\n": "Kernel panic - not syncing: VFS: Unable to mount root fs",
		"[    3.0] BUG: kernel NULL pointer dereference, address: 0\r\n":                             "BUG: kernel NULL pointer dereference, address: 0",
		"[    3.0] WARNING: CPU: 1 PID: 7 at io_uring/notif.c:52 f+0x1/0x2\r\n":                      "WARNING: CPU: 1 PID: 7 at io_uring/notif.c:52 f+0x1/0x2",
	} {
		m := machine{console: filepath.Join(t.TempDir(), "console.log")}
		if err := os.WriteFile(m.console, []byte(console), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := m.complaint(); got != want {
			t.Errorf("%q: %q, want %q", console, got, want)
		}
	}
	if (machine{console: "/none"}).complaint() == "" {
		t.Error("a console that can't be read has nothing to say")
	}
}

// TestFaults: QEMU is stopped by what it says of a CPU that can't go on, also where that
// comes in pieces, and by nothing else.
func TestFaults(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	f := &faults{stop: stop}
	for _, said := range []string{"warning: TCG doesn't support requested feature\n", "KVM inter"} {
		if n, err := f.Write([]byte(said)); n != len(said) || err != nil || ctx.Err() != nil {
			t.Fatalf("%q: %d, %v; stopped by %v", said, n, err, context.Cause(ctx))
		}
	}
	f.Write([]byte("nal error. Suberror: 1\nextra data[0]: 0x01\n"))
	if got, want := context.Cause(ctx), "KVM internal error. Suberror: 1"; got == nil || got.Error() != want {
		t.Errorf("stopped by %v, want %s", got, want)
	}
}

func TestListen(t *testing.T) {
	for name, test := range map[string]struct {
		port  string
		last  string
		heard int
		fails bool
	}{
		"done":    {port: "@vmtest {\"kind\":\"boot\"}\r\n@vmtest {\"kind\":\"done\"}\r\n", last: guest.Done, heard: 2},
		"ends":    {port: "@vmtest {\"kind\":\"boot\"}\r\n", last: guest.Boot, heard: 1},
		"damaged": {port: "@vmtest {\"kind\":\"boot\"}\r\n@vmtest {\"kind\":\r\n", last: guest.Boot, heard: 1, fails: true},
		"silent":  {},
	} {
		t.Run(name, func(t *testing.T) {
			heard := 0
			last, err := listen(strings.NewReader(test.port), func(guest.Event) { heard++ })
			if last.Kind != test.last || heard != test.heard || (err != nil) != test.fails {
				t.Errorf("last %q of %d, %v; want %q of %d, an error %v", last.Kind, heard, err, test.last, test.heard, test.fails)
			}
		})
	}
}

// TestCards: whatever a driver's cards are joined by, each has an address of its own.
func TestCards(t *testing.T) {
	for _, d := range Drivers() {
		args := strings.Join(machine{driver: d}.arguments(), " ")
		for _, mac := range macs {
			if n := strings.Count(args, "mac="+mac); d.Device != "" && n != 1 || d.Device == "" && n != 0 {
				t.Errorf("%s: %d cards have the address %s: %s", d.Name, n, mac, args)
			}
		}
	}
}

func TestMissing(t *testing.T) {
	const list = `name "e1000e", bus PCI, desc "Intel 82574L GbE Controller"` + "\n"
	for device, missing := range map[string]bool{"": false, "e1000e": false, "e1000": true, "igb": true} {
		if err := (Driver{Device: device}).missing(list); (err != nil) != missing {
			t.Errorf("%q: %v; want it missing: %v", device, err, missing)
		}
	}
}

func TestUnpacked(t *testing.T) {
	if data, err := unpacked(guest.Event{Name: "/tmp/r", Data: []byte("not gzip")}); err == nil {
		t.Errorf("what isn't compressed is unpacked: %q", data)
	}
}

// TestTaps makes two taps and runs a program between them.
func TestTaps(t *testing.T) {
	if err := canTap(); err != nil {
		t.Skip(err)
	}
	cmd := exec.Command("cat", "/proc/net/dev")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	betweenTaps(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, device := range append(taps[:], "bridge0") {
		if !bytes.Contains(out, []byte(device+":")) {
			t.Errorf("there is no %s:\n%s", device, out)
		}
	}
}
