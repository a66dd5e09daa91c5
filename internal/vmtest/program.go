package vmtest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// root is the project's directory, seen from this package's.
const root = "../.."

// Paths in a machine.
const (
	initPath      = "/init"
	sendbenchPath = "/bin/sendbench"
)

// builder makes static programs for a machine, each once.
type builder struct {
	dir  string // that they are put in
	mu   sync.Mutex
	done map[string]bool
}

// program builds a program of the package in a directory and returns its path.
func (b *builder) program(name, dir string) (string, error) {
	return b.build(name, dir, "build", "-o")
}

// Suite is the tests of a package of the project.
type Suite struct {
	Package string // its directory
	Skip    string // a pattern of those that can't run in a machine
}

// suite builds the test binary of a package of the project and returns its path.
func (b *builder) suite(pkg string) (string, error) {
	return b.build(suiteName(pkg), filepath.Join(root, pkg), "test", "-c", "-o")
}

func suiteName(pkg string) string { return strings.ReplaceAll(pkg, "/", "-") + ".test" }

func (b *builder) build(name, dir string, args ...string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out, err := filepath.Abs(filepath.Join(b.dir, name))
	if err != nil {
		return "", err
	}
	if b.done[name] {
		return out, nil
	}
	cmd := exec.Command("go", append(args, out, "-trimpath", "-ldflags=-s -w", ".")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s in %s: %w\n%s", name, dir, err, said)
	}
	if b.done == nil {
		b.done = map[string]bool{}
	}
	b.done[name] = true
	return out, nil
}

// suiteDir is the directory in a machine that a package's tests run in.
func suiteDir(pkg string) string { return path.Join("/src", pkg) }

// addSources adds the directory of a package as suiteDir: some tests read what is
// in it.
func addSources(f *initramfs, pkg string) error {
	dir := filepath.Join(root, pkg)
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		below, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		return f.addFile(path.Join(suiteDir(pkg), filepath.ToSlash(below)), name)
	})
}
