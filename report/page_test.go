package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sendbench/runner/results"
)

func renderPage(t *testing.T, s *results.Summary) string {
	t.Helper()
	return renderDocument(t, alone(s))
}

func renderDocument(t *testing.T, d document) string {
	t.Helper()
	var b bytes.Buffer
	if err := writePage(&b, d, d.charts(), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPage checks of every planted page what a browser needn't be there for:
// self-contained, unique ids, links that lead somewhere, headings in order, a
// name for each chart.
func TestPage(t *testing.T) {
	for name, s := range all() {
		if testing.Short() && strings.HasPrefix(name, "wide") {
			continue // half a minute under the race detector
		}
		t.Run(name, func(t *testing.T) {
			text := renderPage(t, s)
			most := 1 << 20
			if strings.HasPrefix(name, "wide") {
				most = 12 << 20 // thousands of rows
			}
			if len(text) > most {
				t.Errorf("%d bytes, more than %d", len(text), most)
			}
			t.Logf("%d bytes", len(text))
			checkPage(t, text, "")
		})
	}
}

func checkPage(t *testing.T, text string, prefixes ...string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	var links []string
	level, policy := 0, ""
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attrs := make(map[string]string)
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has handler %s", n.Data, a.Key)
			}
			if strings.Contains(a.Val, "//") && a.Key != "xmlns" && (a.Key == "src" || a.Key == "href") {
				t.Errorf("<%s %s=%q> reaches out of the file", n.Data, a.Key, a.Val)
			}
		}
		if id, ok := attrs["id"]; ok {
			if ids[id] {
				t.Errorf("id %q is there twice", id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "iframe", "object", "embed", "img", "form", "base", "b":
			t.Errorf("the page has a <%s>", n.Data)
		case "script", "style":
			checkCode(t, n, attrs, policy)
		case "meta":
			if attrs["http-equiv"] == "Content-Security-Policy" {
				policy = attrs["content"]
			}
		case "a":
			if rest, ok := strings.CutPrefix(attrs["href"], "#"); ok {
				links = append(links, rest)
			}
		case "h1", "h2", "h3", "h4":
			l := int(n.Data[1] - '0')
			if l > level+1 {
				t.Errorf("<%s> after a heading of level %d", n.Data, level)
			}
			level = l
		case "svg":
			if attrs["role"] != "img" || attrs["aria-labelledby"] == "" {
				t.Errorf("a chart without a name: %v", attrs)
			}
		}
	}
	for _, l := range links {
		if !ids[l] {
			t.Errorf("link to #%s leads nowhere", l)
		}
	}
	for _, prefix := range prefixes {
		for _, want := range []string{"verdict", "unsupported", "environment"} {
			if !ids[prefix+want] {
				t.Errorf("no section %q", prefix+want)
			}
		}
	}
	if !ids["reading"] {
		t.Error("nothing on how to read the page")
	}
}

// checkCode holds a script or a style to being one that the page's policy allows, by
// its hash, and data to being JSON.
func checkCode(t *testing.T, n *html.Node, attrs map[string]string, policy string) {
	t.Helper()
	text := ""
	if n.FirstChild != nil {
		text = n.FirstChild.Data
	}
	switch {
	case attrs["type"] == "application/json":
		var data pageData
		if err := json.Unmarshal([]byte(text), &data); err != nil {
			t.Errorf("the data isn't JSON: %v", err)
		}
	case !strings.Contains(policy, hashSource(text)):
		t.Errorf("the policy %s doesn't allow the <%s> %.60s…", policy, n.Data, text)
	}
}

func TestPageSays(t *testing.T) {
	all := planted()
	tests := []struct{ record, want string }{
		{"unsupported", "There are no charts: no trial was measured."},
		{"unsupported", "io_uring is disabled by kernel.io_uring_disabled = 2; 0 allows it"},
		{"interrupted", "<strong>The run was killed:</strong> what follows rests on 6 of 12 rounds"},
		{"interrupted", "trials were invalid"},
		{"interrupted", "marked with ! in the tables"},
		{"interrupted", "invalid: the far end counted"},
		{"interrupted", "<a href=\"#warnings\">"},
		{"winner", "ahead of all that copies</td>"},
		{"copied", "A probe send found that the kernel copies on this link"},
		{"one-cell", "the sweep has one footprint and one fill only"},
		{"winner", "the sink has no receiver and no DMA"},
		{"hostile", "&lt;b&gt;&amp;amp;"},
		{"hostile", "zéro-copie"},
		{"disturbed", "The baseline, write, differs from itself at 1400 B with hot stamped buffers under NIC profile default, by a ratio of 0.985 (0.980 to 0.990)"},
		{"disturbed", "Of 144 trials 21 were not steady"},
		{"disturbed", "Uncertain in this run: the hypervisor kept 3.6 % of a CPU&#39;s time from this machine."},
		{"disturbed", "sendmmsg ~</th>"},
		{"disturbed", "0.10 before, 1.20 after"},
		{"disturbed", "none before, tcpdump on sb0 after"},
		{"disturbed", "0 before, 50 after"},
		{"disturbed", "wider than the ±1 % asked for"},
		{"counted", "Every ratio reached the precision asked for"},
		{"counted", "Cache misses/message"},
		{"counted", "hot stamped, huge pages"},
		{"counted", "Cold by count: every walk touched at least"},
		{"winner", "Instructions, cycles and cache misses: not available: the record has none."},
		{"flows", "Slowest flow, Gbit/s"},
		{"flows", "No charts by size for default, flows 2"},
		{"rate", "Lowest p99 at 50000 messages/s"},
		{"rate", "<p>What there is to say is at the top.</p>"},
		{"rate", "No charts of throughput and CPU time: messages were sent at a set rate"},
		{"winner", "corrected by Holm"},
	}
	for _, tt := range tests {
		if !strings.Contains(renderPage(t, all[tt.record]), tt.want) {
			t.Errorf("the page of %s doesn't say %q", tt.record, tt.want)
		}
	}
}
