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
	b, accelerators := &builder{dir: filepath.Join(*keep, "bin")}, newAccelerators()
	var places []*[]Row // of every machine, in their order
	t.Cleanup(func() {  // when all of them are done
		var rows []Row
		for _, p := range places {
			rows = append(rows, *p...)
		}
		if rows != nil {
			draw(t, append(rows, absent(available)...))
		}
	})
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			kernel, err := k.fetch(*keep)
			if err != nil {
				places = append(places, &[]Row{{Kernel: k.Name, Fault: err.Error()}})
				t.Skip(err)
			}
			accelerator := accelerators.pick(t, b, k, kernel)
			drivers := k.drivers()
			mine := make([][]Row, len(drivers))
			for i := range mine {
				places = append(places, &mine[i])
			}
			t.Parallel() // machines of all kernels, as many at a time as -parallel has it
			for i, d := range drivers {
				t.Run(d.Name, func(t *testing.T) {
					t.Parallel()
					if err := d.missing(available); err != nil {
						t.Skip(err)
					}
					if d.Suites == nil {
						mine[i] = []Row{{Kernel: k.Name, Driver: d.Name, Fault: "the machine failed"}}
					}
					mine[i] = boot(t, b, k, kernel, d, accelerator)
				})
			}
		})
	}
}

// drivers are those that a kernel is tried with.
func (k Kernel) drivers() []Driver {
	return slices.DeleteFunc(Drivers(), func(d Driver) bool { return k.Alone && d.Device != "" })
}

// absent are the drivers that no kernel could be tried with here.
func absent(models string) (rows []Row) {
	for _, d := range Drivers() {
		if err := d.missing(models); err != nil {
			rows = append(rows, Row{Kernel: "each", Driver: d.Name, Fault: err.Error()})
		}
	}
	return rows
}

// draw makes the table.
func draw(t *testing.T, rows []Row) {
	table := Table(strategies.Names(), rows)
	t.Logf("\n%s", table)
	if err := os.WriteFile(filepath.Join(*keep, "table.md"), []byte(table), 0o644); err != nil {
		t.Error(err)
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
