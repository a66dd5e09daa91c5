package browser

import (
	_ "embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rules is an expression whose value lists what violates the rules of accessibility.
//
//go:embed rules.js
var rules string

// TestRules holds the rules themselves to a page that violates each, and to one that
// violates none.
func TestRules(t *testing.T) {
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const good = `<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,"><header><h1>h</h1></header><main>
		<h2>a</h2><p>text <a href="#x">link</a></p><button style="border:1px solid #555;background:#fff;color:#000;height:30px;width:30px">b</button></main><footer>f</footer>`
	b := open(t, file(good), "", desk)
	if found := eval[[]string](b, rules); len(found) > 0 {
		t.Errorf("a page without fault: %q", found)
	}

	bad, err := os.ReadFile(filepath.Join("testdata", "violations.html"))
	if err != nil {
		t.Fatal(err)
	}
	b = open(t, file(string(bad)), "", desk)
	var violated []string
	for _, v := range eval[[]string](b, rules) {
		rule, _, _ := strings.Cut(v, ":")
		violated = append(violated, rule)
	}
	for _, rule := range []string{
		"title", "language", "zoom", "landmark", "heading", "heading-order", "empty-heading", "region", "region-name", "landmark-unique",
		"duplicate-id", "reference", "name", "label-in-name", "image-name", "legend", "role", "aria", "sort", "tabindex", "focus-name",
		"hidden-focus", "nested", "scrollable", "target-size", "table-name", "table-head", "scope", "table-shape", "list", "contrast",
		"control-contrast", "motion",
	} {
		if !slices.Contains(violated, rule) {
			t.Errorf("rule %s finds nothing", rule)
		}
	}
}
