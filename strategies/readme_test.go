//go:build linux

package strategies_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeStrategy builds the strategy that the README adds as an example and
// puts it through the conformance suite.
func TestReadmeStrategy(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "<!-- strategies/send.go -->\n```go\n")
	code, _, whole := strings.Cut(rest, "```\n")
	if !ok || !whole {
		t.Fatal("the README has no strategies/send.go")
	}
	list, err := os.ReadFile("strategy.go")
	if err != nil {
		t.Fatal(err)
	}
	longer := bytes.Replace(list, []byte("\t\turingSendZCSQPoll(),\n"), []byte("\t\turingSendZCSQPoll(),\n\t\tsend(),\n"), 1)
	if bytes.Equal(list, longer) {
		t.Fatal("All has no line for uring-sendzc-sqpoll")
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for name, content := range map[string]string{"send.go": code, "strategy.go": string(longer)} {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		replace[path] = filepath.Join(dir, name)
		if err := os.WriteFile(replace[path], []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-overlay", file, "-count=1", "-v", "-run", "TestConformance/send$", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("--- PASS: TestConformance/send/")) {
		t.Errorf("the suite did not run it:\n%s", out)
	}
}
