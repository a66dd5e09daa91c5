//go:build linux

package vmtest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"sendbench/strategies"
)

var (
	keep   = flag.String("out", filepath.Join(root, "out", "vm"), "`DIRECTORY` of kernels, programs, consoles and the table")
	redraw = flag.String("redraw", "", "`FILE` that the table goes into, in place of the one there")
)

func TestMain(m *testing.M) {
	if err := BecomeProgram(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestMatrix boots every kernel with every driver, unless -run names some, and writes
// a table of what came of them.
func TestMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("machines take minutes")
	}
	for _, need := range [][2]string{{emulator, "qemu-system-x86"}, {"apt-get", "apt"}, {"dpkg-deb", "dpkg"}} {
		if _, err := exec.LookPath(need[0]); err != nil {
			t.Skipf("no %s here; cure: apt-get install --no-install-recommends %s", need[0], need[1])
		}
	}
	available, err := models()
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{dir: filepath.Join(*keep, "bin")}
	var rows []Row
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			kernel, err := k.fetch(*keep)
			if err != nil {
				rows = append(rows, Row{Kernel: k.Name, Fault: err.Error()})
				t.Skip(err)
			}
			for _, d := range Drivers() {
				if k.Alone && d.Device != "" {
					continue
				}
				t.Run(d.Name, func(t *testing.T) {
					row := Row{Kernel: k.Name, Driver: d.Name}
					if d.Suites == nil {
						defer func() { rows = append(rows, row) }()
					}
					if err := d.missing(available); err != nil {
						row.Fault = err.Error()
						t.Skip(err)
					}
					boot(t, b, k, kernel, d, &row)
				})
			}
		})
	}
	table := Table(strategies.Names(), rows)
	t.Logf("\n%s", table)
	if err := os.WriteFile(filepath.Join(*keep, "table.md"), []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	if *redraw != "" {
		redrawPage(t, table, rows)
	}
}

// redrawPage puts the table into the page, unless it isn't what it should be.
func redrawPage(t *testing.T, table string, rows []Row) {
	if t.Failed() || slices.ContainsFunc(rows, func(r Row) bool { return r.Driver == "" }) {
		t.Logf("%s is left as it is: a machine failed, or a kernel is missing", *redraw)
		return
	}
	page, err := os.ReadFile(*redraw)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := Redraw(string(page), table)
	if err != nil {
		t.Fatalf("%s: %v", *redraw, err)
	}
	if err := os.WriteFile(*redraw, []byte(drawn), 0o644); err != nil {
		t.Fatal(err)
	}
}
