package vmtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// sources are the suites of Debian's archive that have the kernels, as
// sources.list(5) has them.
const sources = `deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian-security bullseye-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian-security bookworm-security main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie-backports main
`

// downloadWithin bounds each download.
const downloadWithin = 5 * time.Minute

// archive is Debian's, seen by an apt-get(8) with a state of its own in a directory.
type archive struct{ dir string }

// update gets the package lists.
func (a archive) update() error {
	for _, d := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(a.dir, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(a.dir, "sources.list"), []byte(sources), 0o644); err != nil {
		return err
	}
	_, err := a.run(".", "apt-get", "-q", "update")
	return err
}

// names returns the names of the packages that have the lists, of those that match
// a pattern. Without lists, or if they are damaged, there are none.
func (a archive) names(pattern *regexp.Regexp) ([]string, error) {
	if _, err := os.Stat(filepath.Join(a.dir, "sources.list")); err != nil {
		return nil, nil
	}
	out, err := a.run(".", "apt-cache", "pkgnames", "linux-image-")
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range strings.Lines(out) {
		if name = strings.TrimSpace(name); pattern.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// download gets a package, by its exact name, into a directory that has no other
// file of its name, and returns the file's path.
func (a archive) download(name, dir string) (string, error) {
	// apt-get takes a name that no package has for a pattern.
	if out, err := a.run(".", "apt-cache", "show", "--no-all-versions", name); err != nil || !strings.HasPrefix(out, "Package: "+name+"\n") {
		return "", fmt.Errorf("Debian's archive has no package %s (any more)", name)
	}
	if _, err := a.run(dir, "apt-get", "-q", "download", name); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, name+"_*.deb"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("apt-get download %s left %d packages in %s, want 1", name, len(files), dir)
	}
	return files[0], nil
}

// run runs one of apt's programs in a directory and returns what it printed.
func (a archive) run(dir, program string, args ...string) (string, error) {
	state, err := filepath.Abs(a.dir)
	if err != nil {
		return "", err
	}
	options := []string{
		"-o", "Dir::Etc::sourcelist=" + state + "/sources.list", "-o", "Dir::Etc::sourceparts=-",
		"-o", "Dir::State::lists=" + state + "/lists", "-o", "Dir::Cache=" + state + "/cache",
		"-o", "Acquire::Languages=none", "-o", "APT::Sandbox::User=", "-o", "APT::Architecture=amd64",
	}
	return output(dir, downloadWithin, program, append(options, args...)...)
}

// output runs a program and returns what it printed on standard output. How it
// failed is in the error, with its own last line.
func output(dir string, within time.Duration, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return "", fmt.Errorf("%s %s: %w: %s", program, args[len(args)-1], err, lines[len(lines)-1])
	}
	return string(out), nil
}
