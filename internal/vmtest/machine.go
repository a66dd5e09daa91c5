//go:build linux

package vmtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"sendbench/internal/vmtest/guest"
)

// emulator is QEMU's program.
const emulator = "qemu-system-x86_64"

// What QEMU has machines run on.
const (
	hardware = "kvm"
	software = "tcg,thread=multi"
)

// cpu is all that QEMU has, but for string instructions that are said to be fast: it
// emulates those byte by byte, and kernels copy by them where they are there.
const cpu = "max,-erms,-fsrm"

// machineWithin is how long a machine may run: long enough for what takes two
// minutes where nothing else goes on.
const machineWithin = 12 * time.Minute

// machine is what one run of QEMU is made of.
type machine struct {
	kernel      string // path
	initramfs   string // path
	options     string // of the kernel's command line
	driver      Driver
	console     string // path of the file that the kernel's console goes to
	accelerator string // hardware or software
	within      time.Duration
}

// newMachine is an emulated machine that keeps its files in a directory.
func newMachine(dir string, k Kernel, kernel tree, d Driver) machine {
	return machine{
		kernel: kernel.image, options: k.Options, driver: d,
		initramfs: filepath.Join(dir, "initramfs"), console: filepath.Join(dir, "console.log"),
		accelerator: software, within: machineWithin,
	}
}

// errDone ends a machine that has said its last word. It isn't left to shut down, which
// is nobody's test here, and which e1000 of Linux 7.3 was seen to hang in (napi_disable,
// in e1000_down).
var errDone = errors.New("the machine is done")

// run runs a machine and hands on each event as it comes. It returns an error unless
// the machine said its last word and the kernel found nothing wrong.
func (m machine) run(heard func(guest.Event)) error {
	ctx, cancel := context.WithTimeout(context.Background(), m.within)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cmd := exec.CommandContext(ctx, emulator, m.arguments()...)
	// A machine ends with the thread that started it, so that none is left behind.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if m.driver.Taps {
		betweenTaps(cmd)
	} else {
		ends, err := cable()
		if err != nil {
			return err
		}
		defer ends[0].Close()
		defer ends[1].Close()
		cmd.ExtraFiles = ends
	}
	said := faults{stop: stop}
	cmd.Stderr = &said
	port, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	last, err := listen(port, func(e guest.Event) {
		if heard(e); e.Kind == guest.Done {
			stop(errDone)
		}
	})
	io.Copy(io.Discard, port) // so that it can end, whatever it says
	waited := cmd.Wait()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errDone):
		err = nil // nor does it matter what QEMU says of being killed
	case errors.Is(cause, context.DeadlineExceeded):
		err = fmt.Errorf("the machine hangs: it was to be done within %v", m.within)
	case cause != nil:
		err = fmt.Errorf("%s: %w", emulator, cause)
	case waited != nil:
		err = fmt.Errorf("%s: %w: %s", emulator, waited, strings.TrimSpace(said.String()))
	case err == nil && last.Kind == guest.Fault:
		err = errors.New(last.Text)
	case err == nil && last.Kind != guest.Done:
		err = errors.New("the machine ended without its last word")
	}
	if found := m.complaint(); found != "" {
		err = errors.Join(fmt.Errorf("the kernel says %q", found), err)
	}
	if err != nil {
		return fmt.Errorf("%w (its console is %s)", err, m.console)
	}
	return nil
}

// listen hands on events until the port is closed, and returns the last one.
func listen(port io.Reader, heard func(guest.Event)) (last guest.Event, err error) {
	for r := guest.NewReader(port); ; {
		e, err := r.Read()
		if err == io.EOF {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		last = e
		heard(e)
	}
}

// faults takes what QEMU says of itself, and ends it when that is that the CPU can't
// go on: it would keep the machine as it is, for somebody to look at.
type faults struct {
	bytes.Buffer
	stop context.CancelCauseFunc
}

var cannotGoOn = regexp.MustCompile(`KVM internal error[^\n]*`)

func (f *faults) Write(p []byte) (int, error) {
	n, err := f.Buffer.Write(p)
	if line := cannotGoOn.FindString(f.String()); line != "" {
		f.stop(errors.New(line))
	}
	return n, err
}

// complaints are what the kernel prints when something is wrong with it.
var complaints = regexp.MustCompile(`Kernel panic - not syncing.*|BUG: .*|Oops: .*|WARNING: CPU.*|general protection fault.*|INFO: task .* blocked.*|rcu: INFO: .* detected.*stall.*`)

// complaint is the first one on the console, "" for none.
func (m machine) complaint() string {
	text, err := os.ReadFile(m.console)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(complaints.Find(text)))
}

// arguments are QEMU's. The first serial port is the kernel's console, the second
// one, for the events, is QEMU's standard output.
func (m machine) arguments() []string {
	return append([]string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", "q35", "-accel", m.accelerator, "-cpu", cpu, "-smp", "2", "-m", "1024",
		"-kernel", m.kernel, "-initrd", m.initramfs,
		"-append", strings.TrimSpace("console=ttyS0 rdinit=/init panic=-1 oops=panic nowatchdog mitigations=off " + m.options),
		"-serial", "file:" + m.console, "-serial", "stdio",
	}, m.driver.arguments()...)
}

// models are the devices that QEMU has, as it lists them.
func models() (string, error) {
	return output(".", time.Minute, emulator, "-device", "help")
}

// unpacked is the content of a file event.
func unpacked(e guest.Event) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(e.Data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(e.Name), err)
	}
	return io.ReadAll(z)
}
