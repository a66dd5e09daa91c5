package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// ownTags and ownAttributes are all that a page is made of; what else turns up has come out
// of a record.
var (
	ownTags = strings.Fields(`html head meta link title style body header h1 h2 h3 h4 ul li strong details summary p nav a main section article
		div table caption thead tbody tr th td span figure figcaption svg desc path text button select label fieldset legend dl dt dd footer script noscript`)
	ownAttributes = strings.Fields(`lang charset name content http-equiv rel href id class hidden data-script data-head for type role tabindex scope colspan rowspan
		aria-label aria-labelledby aria-hidden aria-live xmlns viewBox width height d x y fill stroke stroke-width stroke-dasharray stroke-dashoffset
		opacity transform font-size font-weight textLength lengthAdjust`)
	// coded are the ownAttributes that name something: no text of a record is one.
	coded = regexp.MustCompile(`^[a-zA-Z0-9 ._#/-]*$`)
)

// FuzzPage puts a text wherever a record has one, reads the record as a report does,
// and checks that the page has no element, attribute or code that isn't its own.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		"write", "</script><script>alert(1)</script>", "<!--<script>", "]]>", "\"><img src=x onerror=alert(1)>", "' onload='x", "</title></style></svg><a href=javascript:alert(1)>",
		"{{.}}", "${1}", "javascript:alert(1)", "\u2028\u2029", "&lt;script&gt;", "</text><script>", "=HYPERLINK(\"x\")", "\x00<\xff>", "étoile 星☃", strings.Repeat("<", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec, err := results.Read(bytes.NewReader(hostileLines(t, text)))
		if err != nil {
			t.Fatal(err)
		}
		checkOwn(t, renderDocument(t, newDocument([]Source{{File: text, Record: rec}})))
		other := *rec
		other.Run.ID += "x"
		checkOwn(t, renderDocument(t, newDocument([]Source{{File: text, Record: rec}, {File: text + "x", Record: &other}})))
	})
}

// hostileLines are a record's with a text in every name and sentence, however deep.
func hostileLines(t *testing.T, text string) []byte {
	t.Helper()
	o := resultstest.OneCell()
	o.Rounds, o.InvalidEvery = 2, 9
	var b bytes.Buffer
	if err := results.Write(&b, resultstest.Planted(o)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for line := range bytes.Lines(b.Bytes()) {
		var value map[string]any
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(replaced(value, text)); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// kept are the words that a record isn't one without, or has no trial without.
var kept = []string{"run", "trial", "unsupported", "end", "udp", "write", "default", "stamp", "complete"}

// replaced is a JSON value with the text behind each string of it.
func replaced(value any, text string) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = replaced(v[key], text)
		}
	case []any:
		for i := range v {
			v[i] = replaced(v[i], text)
		}
	case string:
		if !slices.Contains(kept, v) {
			return v + text
		}
	}
	return value
}

func checkOwn(t *testing.T, page string) {
	t.Helper()
	checkPage(t, page)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	scripts := 0
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(ownTags, n.Data) {
			t.Errorf("an element of no page: <%s>", n.Data)
		}
		if n.Data == "script" && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "type" }) {
			scripts++
		}
		for _, a := range n.Attr {
			switch {
			case !slices.Contains(ownAttributes, a.Key):
				t.Errorf("an attribute of no page: <%s %s=%q>", n.Data, a.Key, a.Val)
			case slices.Contains([]string{"id", "class", "for", "scope", "role", "type", "aria-labelledby", "data-script"}, a.Key) && !coded.MatchString(a.Val),
				a.Key == "href" && a.Val != "data:," && !coded.MatchString(a.Val):
				t.Errorf("<%s %s=%q> isn't the page's own", n.Data, a.Key, a.Val)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts, want the page's one", scripts)
	}
}
