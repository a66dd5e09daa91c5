//go:build linux

package vmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sendbench/internal/vmtest/guest"
)

// trialWithin is how long a machine that has nothing to do may take on hardware:
// one takes two seconds.
const trialWithin = 10 * time.Second

// accelerators finds out what machines can run on. That there is /dev/kvm doesn't tell:
// some hosts are machines themselves, and have it for guests that are made for them;
// any other kernel stops there, or stands still, before its first word. So with each
// kernel a machine is tried that boots, does nothing and says its last word. The first
// that doesn't come through is the last to be tried.
type accelerators struct {
	why error // hardware isn't used, nil if it is
}

func newAccelerators() *accelerators {
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err == nil {
		err = f.Close()
	}
	return &accelerators{err}
}

// pick is what a kernel's machines run on, and says why.
func (a *accelerators) pick(t *testing.T, b *builder, k Kernel, kernel tree) string {
	if a.why == nil {
		if err := tryMachine(b, k, kernel, filepath.Join(*keep, k.Name, "kvm")); err != nil {
			a.why = fmt.Errorf("one on KVM with kernel %s doesn't come through: %w", k.Name, err)
		}
	}
	if a.why != nil {
		t.Logf("machines are emulated: %v", a.why)
		return software
	}
	t.Log("machines run on KVM")
	return hardware
}

// tryMachine boots a machine on hardware, and keeps its console in a directory.
func tryMachine(b *builder, k Kernel, kernel tree, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	m := newMachine(dir, k, kernel, Driver{})
	m.accelerator, m.within = hardware, trialWithin
	if err := assemble(m.initramfs, b, kernel, m.driver, nil, nil); err != nil {
		return err
	}
	defer os.Remove(m.initramfs)
	began := time.Now()
	if err := m.run(func(guest.Event) {}); err != nil {
		return fmt.Errorf("after %.1f s: %w", time.Since(began).Seconds(), err)
	}
	return nil
}
