package vmtest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/cavaliergopher/cpio"
)

// initramfs writes the archive that the kernel unpacks as its first file system
// (Documentation/driver-api/early-userspace/buffer-format.rst). The device nodes
// that it takes before /dev is mounted are in the kernel's own.
type initramfs struct {
	w    *cpio.Writer
	dirs map[string]bool
}

func newInitramfs(w io.Writer) *initramfs {
	return &initramfs{cpio.NewWriter(w), map[string]bool{"/": true}}
}

// add adds a file by its absolute path, and the directories above it.
func (f *initramfs) add(name string, mode cpio.FileMode, data []byte) error {
	if err := f.mkdir(path.Dir(name)); err != nil {
		return err
	}
	return f.entry(name, cpio.TypeReg|mode, data)
}

// addFile adds a program or data of the host's.
func (f *initramfs) addFile(name, source string) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	return f.add(name, 0o755, data)
}

func (f *initramfs) mkdir(name string) error {
	if f.dirs[name] {
		return nil
	}
	if err := f.mkdir(path.Dir(name)); err != nil {
		return err
	}
	f.dirs[name] = true
	return f.entry(name, cpio.TypeDir|0o755, nil)
}

func (f *initramfs) entry(name string, mode cpio.FileMode, data []byte) error {
	err := f.w.WriteHeader(&cpio.Header{Name: strings.TrimPrefix(name, "/"), Mode: mode, Size: int64(len(data))})
	if err == nil {
		_, err = io.Copy(f.w, bytes.NewReader(data))
	}
	if err != nil {
		return fmt.Errorf("initramfs: %s: %w", name, err)
	}
	return nil
}

func (f *initramfs) close() error { return f.w.Close() }
