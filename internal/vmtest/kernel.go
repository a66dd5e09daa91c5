package vmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kernel is one row of the matrix.
type Kernel struct {
	Name    string // of the row
	Version string // of the package: its first numbers, "" for the newest there is
	Options string // beside ours, on the kernel's command line
	// Alone is that it is tried without cards: another row has the same kernel with
	// each driver, and these options are nothing to a driver.
	Alone bool
}

// Kernels are those that sendbench is tried on: what Debian 12 has, what is older
// than zero copy by io_uring, and what is to come.
func Kernels() []Kernel {
	return []Kernel{
		{Name: "5.10", Version: "5.10"},
		{Name: "6.1", Version: "6.1"},
		{Name: "6.12", Version: "6.12"},
		{Name: "newest"},
		{Name: "no-io_uring", Version: "6.12", Options: "sysctl.kernel.io_uring_disabled=2", Alone: true},
	}
}

// kernelPackage is the name of the package of a kernel for 64-bit PCs: not of the
// cloud and real-time ones, and not of one that was made for another release.
var kernelPackage = regexp.MustCompile(`^linux-image-([0-9]+\.[0-9]+)\.[0-9]+(?:-[0-9]+|\+deb[0-9]+)-amd64$`)

// newest returns the newest of the packages of a version, "" for none.
func newest(names []string, version string) string {
	best := ""
	for _, name := range names {
		m := kernelPackage.FindStringSubmatch(name)
		if m == nil || version != "" && m[1] != version {
			continue
		}
		if best == "" || slices.Compare(numbers(name), numbers(best)) > 0 {
			best = name
		}
	}
	return best
}

var digits = regexp.MustCompile(`[0-9]+`)

// numbers are those in a name, by which names of kernels are ordered.
func numbers(name string) []int {
	var list []int
	for _, d := range digits.FindAllString(name, -1) {
		n, err := strconv.Atoi(d)
		if err != nil {
			n = 0 // no version is that long
		}
		list = append(list, n)
	}
	return list
}

// tree is an unpacked kernel.
type tree struct {
	image   string // path of the kernel
	modules string // directory of the modules
}

// fetch returns a kernel's tree under dir/kernels: one that is there, or else the
// newest that the archive has.
func (k Kernel) fetch(dir string) (tree, error) {
	kernels := filepath.Join(dir, "kernels")
	if err := os.MkdirAll(kernels, 0o755); err != nil {
		return tree{}, err
	}
	entries, err := os.ReadDir(kernels)
	if err != nil {
		return tree{}, err
	}
	var kept []string
	for _, e := range entries {
		kept = append(kept, e.Name())
	}
	// The newest that is kept may be that of a numbered row.
	marker := filepath.Join(kernels, "newest")
	name := newest(kept, k.Version)
	if k.Version == "" {
		text, _ := os.ReadFile(marker)
		name = string(text)
	}
	if name == "" {
		if name, err = k.download(archive{filepath.Join(dir, "apt")}, kernels); err != nil {
			return tree{}, fmt.Errorf("kernel %s: %w", k.Name, err)
		}
		if k.Version == "" {
			if err := os.WriteFile(marker, []byte(name), 0o644); err != nil {
				return tree{}, err
			}
		}
	}
	return open(filepath.Join(kernels, name))
}

// download gets the newest package of a kernel, unpacks it under its name in a
// directory and returns that name.
func (k Kernel) download(a archive, dir string) (string, error) {
	names, err := a.names(kernelPackage)
	if err != nil {
		return "", err
	}
	name := newest(names, k.Version)
	if name != "" {
		if err = unpack(a, name, dir); err == nil {
			return name, nil
		}
	}
	// There are no lists yet, or they are of packages that aren't there any more.
	if err := a.update(); err != nil {
		return "", err
	}
	if names, err = a.names(kernelPackage); err != nil {
		return "", err
	}
	if name = newest(names, k.Version); name == "" {
		return "", fmt.Errorf("Debian's archive has no package linux-image-%s.*-amd64", k.Version)
	}
	return name, unpack(a, name, dir)
}

// parts are the packages that a kernel's package is made of from Linux 7 on.
var parts = regexp.MustCompile(`\blinux-(?:binary|modules)-[^ ,]+`)

// unpackWithin bounds the unpacking of a package.
const unpackWithin = 2 * time.Minute

// unpack downloads a kernel and leaves it unpacked under its name in a directory,
// whole or not at all.
func unpack(a archive, name, dir string) error {
	made, err := os.MkdirTemp(dir, ".unpack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	todo := []string{name}
	for len(todo) > 0 {
		deb, err := a.download(todo[0], made)
		if err != nil {
			return err
		}
		depends, err := output(".", unpackWithin, "dpkg-deb", "-f", deb, "Depends")
		if err != nil {
			return err
		}
		if _, err := output(".", unpackWithin, "dpkg-deb", "-x", deb, filepath.Join(made, "root")); err != nil {
			return err
		}
		if err := os.Remove(deb); err != nil {
			return err
		}
		if todo = todo[1:]; strings.Contains(deb, "linux-image") {
			todo = append(todo, parts.FindAllString(depends, -1)...)
		}
	}
	return os.Rename(filepath.Join(made, "root"), filepath.Join(dir, name))
}

// open finds the parts of an unpacked kernel, where Debian has put them at one time
// or another.
func open(dir string) (t tree, err error) {
	if t.image, err = first(dir, "boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz"); err != nil {
		return tree{}, err
	}
	t.modules, err = first(dir, "lib/modules/*/kernel", "usr/lib/modules/*/kernel")
	return t, err
}

// first is the first path in a directory that matches a pattern.
func first(dir string, patterns ...string) (string, error) {
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, p))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("no %s in %s: remove that directory, to have it made again", strings.Join(patterns, " or "), dir)
}
