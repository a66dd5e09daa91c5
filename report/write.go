// Package report turns the summary of a run into what people read: charts as PNG
// and SVG, one self-contained HTML page, a table for the terminal, and the
// verdict in words. It builds and runs wherever Go does.
package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// indexName is the page's file.
const indexName = "index.html"

// Write makes dir hold the report on one record, or on several side by side:
// index.html, and each chart as NAME.png and NAME.svg. Charts of the n-th of several
// records are named record-n-NAME. Charts that have nothing to show are left out and
// the page says why. A record that is given twice is shown once.
//
// The files are made in a new directory beside dir that takes its place once it
// is complete, so dir holds an earlier report or this one, whole. A dir that
// holds anything but an earlier report is refused.
func Write(dir string, sources []Source) error {
	if len(sources) == 0 {
		return errors.New("a report takes one record at least")
	}
	return newDocument(sources).write(dir)
}

func (d document) write(dir string) error {
	dir, err := target(dir)
	if err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return fmt.Errorf("report directory can't be made: %w", err)
	}
	stage, err := os.MkdirTemp(parent, ".report-*")
	if err != nil {
		return fmt.Errorf("report can't be written beside %s: %w", dir, err)
	}
	defer os.RemoveAll(stage)
	// A directory of its own inside, because the stage is for its owner only.
	made := filepath.Join(stage, "new")
	if err := os.Mkdir(made, 0o777); err != nil {
		return fmt.Errorf("report can't be written: %w", err)
	}
	if err := fill(made, d); err != nil {
		return err
	}
	return swap(made, dir, filepath.Join(stage, "old"))
}

// target resolves dir, following a symbolic link, and refuses what a report must
// not replace.
func target(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("report directory %q: %w", dir, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	entries, err := os.ReadDir(abs)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return abs, nil
	case err != nil:
		return "", fmt.Errorf("report directory can't be used: %w", err)
	}
	for _, e := range entries {
		if !ours(abs, e) {
			return "", fmt.Errorf("report directory %s holds %s, which is not part of a report: name a new or empty directory", dir, e.Name())
		}
	}
	return abs, nil
}

// ours reports whether an entry of a directory looks like part of a report.
func ours(dir string, e fs.DirEntry) bool {
	if !e.Type().IsRegular() {
		return false
	}
	if e.Name() == indexName {
		return madeHere(filepath.Join(dir, indexName))
	}
	ext := filepath.Ext(e.Name())
	if ext != ".png" && ext != ".svg" {
		return false
	}
	base := strings.TrimSuffix(e.Name(), ext)
	base = strings.TrimPrefix(base, entryPrefix.FindString(base))
	for _, kind := range chartKinds {
		if base == kind || strings.HasPrefix(base, kind+"-") {
			return true
		}
	}
	return false
}

// madeHere reports whether a page says that this package made it.
func madeHere(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1024))
	return err == nil && bytes.Contains(head, []byte(`<meta name="generator" content="sendbench">`))
}

// fill writes all files of a report into an empty directory: the page, and charts on
// as many CPUs as there are, since drawing them takes longest. The error is that of the
// first file, in their order, that failed.
func fill(dir string, d document) error {
	g := d.charts()
	files := []func() error{func() error {
		return create(dir, indexName, func(w io.Writer) error { return writePage(w, d, g, nil) })
	}}
	for _, c := range g.all() {
		files = append(files, func() error { return create(dir, c.name+".png", c.writePNG) }, func() error { return create(dir, c.name+".svg", c.writeSVG) })
	}
	errs := make([]error, len(files))
	var next atomic.Int64
	var drawing sync.WaitGroup
	for range min(len(files), runtime.GOMAXPROCS(0)) {
		drawing.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files); i = int(next.Add(1)) - 1 {
				errs[i] = files[i]()
			}
		})
	}
	drawing.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// create writes one file through a buffer, so that a chart is no thousand writes.
func create(dir, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
		return fmt.Errorf("report can't be written: %w", err)
	}
	return nil
}

// swap puts made in the place of dir, which is moved to old; where that fails,
// dir stays or comes back.
func swap(made, dir, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("earlier report can't be replaced: %w", err)
	}
	replaced := err == nil
	if err := os.Rename(made, dir); err != nil {
		if replaced {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return fmt.Errorf("report can't be put in place: %w", err)
	}
	return nil
}
