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

// machineWithin is how long a machine may run: long enough for what takes two
// minutes where nothing else goes on.
const machineWithin = 9 * time.Minute

// machine is what one run of QEMU is made of.
type machine struct {
	kernel    string // path
	initramfs string // path
	options   string // of the kernel's command line
	driver    Driver
	console   string // path of the file that the kernel's console goes to
}

// run runs a machine and hands on each event as it comes. It returns an error unless
// the machine said its last word and the kernel found nothing wrong.
func (m machine) run(heard func(guest.Event)) error {
	ctx, cancel := context.WithTimeout(context.Background(), machineWithin)
	defer cancel()
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
	var said bytes.Buffer
	cmd.Stderr = &said
	port, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	last, err := listen(port, heard)
	io.Copy(io.Discard, port) // so that it can end, whatever it says
	waited := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("the machine hangs: it was to be done within %v", machineWithin)
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
	accelerator := "tcg,thread=multi"
	if hasKVM() {
		accelerator = "kvm"
	}
	return append([]string{
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-machine", "q35", "-accel", accelerator, "-cpu", "max", "-smp", "2", "-m", "1024",
		"-kernel", m.kernel, "-initrd", m.initramfs,
		"-append", strings.TrimSpace("console=ttyS0 rdinit=/init panic=-1 oops=panic nowatchdog mitigations=off " + m.options),
		"-serial", "file:" + m.console, "-serial", "stdio",
	}, m.driver.arguments()...)
}

// hasKVM says whether the CPU can run machines and we may have it do so. The device
// alone isn't enough: there are kernels that have it for guests made for them.
func hasKVM() bool {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil || !regexp.MustCompile(`(?m)^flags\s*:.*\b(vmx|svm)\b`).Match(info) {
		return false
	}
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
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
