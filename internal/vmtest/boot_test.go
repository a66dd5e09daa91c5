//go:build linux

package vmtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sendbench/internal/vmtest/guest"
	"sendbench/runner/link"
	"sendbench/runner/results"
)

// boot runs one machine, judges what came of its tasks, and fills its row.
func boot(t *testing.T, b *builder, k Kernel, kernel tree, d Driver, row *Row) {
	tasks, suites := d.tasks()
	dir := filepath.Join(*keep, k.Name, d.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	m := machine{
		kernel: kernel.image, options: k.Options, driver: d,
		initramfs: filepath.Join(dir, "initramfs"), console: filepath.Join(dir, "console.log"),
	}
	if err := assemble(m.initramfs, b, kernel, d, tasks, suites); err != nil {
		row.Fault = "no machine"
		t.Fatal(err)
	}
	defer os.Remove(m.initramfs)
	came := map[string]result{}
	err := m.run(func(e guest.Event) {
		if e.Kind == guest.Boot {
			row.Kernel = strings.TrimSpace(e.Text + " " + k.Options)
		}
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
			if !o.ended {
				t.Fatalf("it didn't end before the machine did\n%s", o.text())
			}
			task.judge(t, o, came)
		})
	}
	row.take(came, d)
}

// take fills a row from the record that a machine brought, if it did.
func (r *Row) take(came map[string]result, d Driver) {
	over := link.NIC
	if d.Device == "" {
		over = link.Sink
	}
	rec, err := results.Read(bytes.NewReader(came[measured(over)].files[recordOf(over)]))
	if err != nil {
		r.Fault = "no record"
		return
	}
	r.Outcomes, _ = outcomes(rec) // what is wrong was said
	r.Driver = rec.Run.Environment.Link.Device.Driver
	switch {
	case d.Device == "":
		r.Driver += " (" + over + ")"
	case d.Taps:
		r.Driver += " (taps)"
	}
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
