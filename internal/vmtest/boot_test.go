//go:build linux

package vmtest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendbench/internal/vmtest/guest"
)

// boot runs one machine, judges what came of its tasks, and returns its rows of the
// table.
func boot(t *testing.T, b *builder, k Kernel, kernel tree, d Driver, accelerator string) (rows []Row) {
	tasks, suites := d.tasks()
	dir := filepath.Join(*keep, k.Name, d.Name)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil { // nothing is left of another run
		t.Fatal(err)
	}
	m := newMachine(dir, k, kernel, d)
	m.accelerator = accelerator
	if err := assemble(m.initramfs, b, kernel, d, tasks, suites); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(m.initramfs)
	came := map[string]result{}
	err := m.run(func(e guest.Event) {
		if o := came[e.Step]; o.take(t, e) {
			came[e.Step] = o
		}
	})
	if err != nil {
		t.Error(err)
	}
	for _, task := range tasks {
		o := came[task.step.Name]
		o.keep(t, filepath.Join(dir, strings.NewReplacer("/", "-", " ", "-").Replace(task.step.Name)))
		t.Run(task.step.Name, func(t *testing.T) {
			t.Logf("%.1f s", o.took.Seconds())
			if !o.ended {
				t.Fatalf("it didn't end before the machine did\n%s", o.text())
			}
			task.judge(t, o, came)
		})
	}
	for _, s := range d.sweeps() {
		rows = append(rows, s.row(k, d, came))
	}
	return rows
}

// row is what the record of a sweep says.
func (s sweep) row(k Kernel, d Driver, came map[string]result) Row {
	row := Row{Kernel: k.Name, Driver: s.driver(d)}
	rec, err := s.record(came)
	if err != nil {
		row.Fault = "no record"
		return row
	}
	row.Outcomes, _ = outcomes(rec) // what is wrong was said
	if row.Kernel = release(rec.Run.Environment); k.Options != "" {
		row.Kernel += ", " + strings.TrimPrefix(k.Options, "sysctl.")
	}
	return row
}

// assemble writes the initramfs of a machine.
func assemble(name string, b *builder, kernel tree, d Driver, tasks []task, suites []Suite) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	f := newInitramfs(file)
	for path, dir := range map[string]string{initPath: "init", sendbenchPath: root} {
		program, err := b.program(filepath.Base(path), dir)
		if err != nil {
			return err
		}
		if err := f.addFile(path, program); err != nil {
			return err
		}
	}
	var script guest.Script
	if d.Device != "" {
		script.Hosts = []guest.Host{near, far}
	}
	for _, task := range tasks {
		script.Steps = append(script.Steps, task.step)
	}
	for _, p := range suites {
		program, err := b.suite(p.Package)
		if err != nil {
			return err
		}
		if err := f.addFile("/bin/"+suiteName(p.Package), program); err != nil {
			return err
		}
		if err := addSources(f, p.Package); err != nil {
			return err
		}
	}
	modules, err := kernel.load(append(linkModules, d.Modules...))
	if err != nil {
		return err
	}
	for _, m := range modules {
		path := "/lib/modules/" + m.name + ".ko"
		if err := f.add(path, 0o644, m.data); err != nil {
			return err
		}
		script.Modules = append(script.Modules, path)
	}
	text, err := json.Marshal(script)
	if err != nil {
		return err
	}
	if err := f.add(guest.ScriptPath, 0o644, text); err != nil {
		return err
	}
	return f.close()
}

// linkModules are what the links and the tests of settings need of a kernel.
// libcrc32c, on which nf_tables depends, asks for crc32c_generic by an alias.
var linkModules = []string{
	"crc32c_generic", "veth", "dummy", "bridge", "8021q", "nf_tables", "nft_counter",
	"sch_fq", "sch_ingress", "sch_netem", "sch_prio", "sch_tbf", "cls_matchall", "cls_u32", "act_gact", "act_mirred",
}
