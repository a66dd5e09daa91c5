package live

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// stand is a server of a test, and the record that its run writes.
type stand struct {
	t      *testing.T
	server *server
	url    string
	file   string
	rec    *results.Record
	out    *results.Writer
	over   chan struct{}
	served chan error
}

// newStand serves a run that hasn't begun yet. What is in the record's place belongs to
// another.
func newStand(t *testing.T) *stand {
	o := resultstest.OneCell()
	o.Rounds = 3
	s := &stand{t: t, rec: resultstest.Planted(o), over: make(chan struct{}), served: make(chan error, 1)}
	s.file = filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(s.file, []byte("of an earlier run\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(s.file)
	if err != nil {
		t.Fatal(err)
	}
	s.server = newServer(s.file, before)
	s.server.every, s.server.settle, s.server.reload = 5*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String() + "/"
	go func() { s.served <- s.server.serve(l, s.over) }()
	return s
}

// begin puts the record in its place, as a run does: another file under the name.
func (s *stand) begin() {
	s.t.Helper()
	f, err := os.OpenFile(s.file+".new", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { f.Close() })
	s.out = results.NewWriter(f)
	if err := s.out.WriteRun(s.rec.Run); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) trials(list []results.Trial) {
	s.t.Helper()
	for _, t := range list {
		if err := s.out.WriteTrial(t); err != nil {
			s.t.Fatal(err)
		}
	}
}

// end ends the run, and returns what the server says.
func (s *stand) end() error {
	close(s.over)
	return <-s.served
}

// answer is what a browser gets.
type answer struct {
	*http.Response
	text, version string
}

// get asks for the page, or the one after a version.
func (s *stand) get(after string) answer {
	s.t.Helper()
	a, err := s.try(after)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *stand) try(after string) (answer, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	url := s.url
	if after != "" {
		url += "?after=" + after
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return answer{reply, string(body), strings.Trim(reply.Header.Get("ETag"), `"`)}, err
}

// until asks for page after page until one has a text in it.
func (s *stand) until(a answer, want string) answer {
	s.t.Helper()
	for !strings.Contains(a.text, want) {
		if a.Header.Get(stateHeader) == ended {
			s.t.Fatalf("the last page lacks %q:\n%s", want, a.text)
		}
		a = s.get(a.version)
	}
	return a
}

// TestFollow follows a run from before its first trial to its end, as the script does.
func TestFollow(t *testing.T) {
	s := newStand(t)
	a := s.get("")
	if a.StatusCode != http.StatusOK || a.version != "1" || !strings.Contains(a.text, "Before the first trial") || strings.Contains(a.text, "earlier") {
		t.Fatalf("status %d, version %s:\n%s", a.StatusCode, a.version, a.text)
	}
	s.begin()
	s.trials(s.rec.Trials[:6])
	a = s.until(a, "The run goes on: 6 of ")
	if a.Header.Get(stateHeader) != underWay || !strings.Contains(a.text, `follow("`+a.version+`")`) {
		t.Errorf("state %s, version %s:\n%s", a.Header.Get(stateHeader), a.version, a.text)
	}
	if strings.Contains(a.text, "The run was killed") {
		t.Error("a run that goes on is called killed")
	}
	s.trials(s.rec.Trials[6:])
	a = s.until(a, fmt.Sprintf("The run goes on: %d of ", len(s.rec.Trials)))

	next := make(chan answer)
	go func() {
		last, err := s.try(a.version)
		if err != nil {
			t.Error(err)
		}
		next <- last
	}()
	if err := s.out.WriteEnd(*s.rec.End); err != nil {
		t.Fatal(err)
	}
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	// The one that waited may have got a page between.
	last := <-next
	if last.Response == nil || last.Header.Get(stateHeader) != ended && !strings.Contains(last.text, "goes on") {
		t.Fatalf("the last page is %+v", last)
	}
	if last.Header.Get(stateHeader) == ended && (!strings.Contains(last.text, "The run is complete") || strings.Contains(last.text, "follow(")) {
		t.Errorf("the last page:\n%s", last.text)
	}
	if _, err := s.try(""); err == nil {
		t.Error("the server is there after its run")
	}
}

// TestEnds serves the last page to a browser that asks when the run is over.
func TestEnds(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		end        *results.End
	}{
		{"complete", "The run is complete: 2 trials.", &results.End{Status: results.StatusComplete}},
		{"interrupted", "The run was interrupted: 2 of ", &results.End{Status: results.StatusInterrupted, Reason: "signal"}},
		{"killed", "The run was ended without a word: 2 of ", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t)
			s.begin()
			s.trials(s.rec.Trials[:2])
			a := s.until(s.get(""), "goes on: 2 of ")
			if tt.end != nil {
				if err := s.out.WriteEnd(*tt.end); err != nil {
					t.Fatal(err)
				}
			}
			close(s.over)
			for a.Header.Get(stateHeader) != ended {
				a = s.get(a.version)
			}
			if !strings.Contains(a.text, tt.want) || strings.Contains(a.text, "http-equiv=\"refresh\"") {
				t.Errorf("the last page lacks %q:\n%s", tt.want, a.text)
			}
			if err := <-s.served; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEndsBeforeTheFirstTrial(t *testing.T) {
	s := newStand(t)
	a := s.get("")
	close(s.over)
	for a.Header.Get(stateHeader) != ended {
		a = s.get(a.version)
	}
	if !strings.Contains(a.text, "The run ended before its first trial.") || strings.Contains(a.text, "<script>") {
		t.Errorf("the last page:\n%s", a.text)
	}
	if err := <-s.served; err != nil {
		t.Error(err)
	}
}

// TestServeFails closes its listener where there can be no record.
func TestServeFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.jsonl")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := Serve(l, filepath.Join(file, "below"), nil); err == nil {
		t.Error("it serves a record that can't be")
	}
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

// TestNobodyLooks draws nothing for nobody, and ends at once.
func TestNobodyLooks(t *testing.T) {
	s := newStand(t)
	s.begin()
	s.trials(s.rec.Trials)
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	if n := s.server.pages.drawn; n != 1 {
		t.Errorf("%d pages were drawn for nobody, want the first alone", n)
	}
}

// TestForeignRecord shows no page of a file that is none of its run's.
func TestForeignRecord(t *testing.T) {
	s := newStand(t)
	a := s.get("")
	if err := os.WriteFile(s.file+".new", []byte("no record\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		t.Fatal(err)
	}
	if _, err := s.try(a.version); err == nil {
		err = <-s.served
		if err == nil || !strings.Contains(err.Error(), "not a sendbench record") {
			t.Errorf("the server ended with %v", err)
		}
		return
	}
	if err := <-s.served; err == nil || !strings.Contains(err.Error(), "not a sendbench record") {
		t.Errorf("the server ended with %v", err)
	}
}

func TestRefusals(t *testing.T) {
	s := newStand(t)
	do := func(method, path, host string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		return reply
	}
	_, port, _ := net.SplitHostPort(strings.Trim(s.url, "htp:/"))
	for _, tt := range []struct {
		method, path, host string
		want               int
	}{
		{"GET", "", "", http.StatusOK},
		{"HEAD", "", "", http.StatusOK},
		{"GET", "", "localhost:" + port, http.StatusOK},
		{"GET", "", "LOCALHOST:" + port, http.StatusOK},
		{"GET", "?after=0", "", http.StatusOK},
		{"GET", "", "attacker.example:" + port, http.StatusMisdirectedRequest},
		{"GET", "", "attacker.example", http.StatusMisdirectedRequest},
		{"GET", "", "127.0.0.1", http.StatusMisdirectedRequest},
		{"GET", "", "localhost.attacker.example:" + port, http.StatusMisdirectedRequest},
		{"POST", "", "", http.StatusMethodNotAllowed},
		{"PUT", "", "", http.StatusMethodNotAllowed},
		{"OPTIONS", "", "", http.StatusMethodNotAllowed},
		{"GET", "r.jsonl", "", http.StatusNotFound},
		{"GET", "../r.jsonl", "", http.StatusNotFound},
		{"GET", "index.html", "", http.StatusNotFound},
		{"GET", "%2e%2e/", "", http.StatusNotFound},
	} {
		reply := do(tt.method, tt.path, tt.host)
		if reply.StatusCode != tt.want {
			t.Errorf("%s /%s for %q: %s, want %d", tt.method, tt.path, tt.host, reply.Status, tt.want)
		}
		h := reply.Header
		if h.Get("Content-Security-Policy") != "frame-ancestors 'none'" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s /%s: headers are %v", tt.method, tt.path, h)
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestForeignPages refuses what pages of other sites ask for: it takes no place of those
// that wait, and nothing is drawn for it.
func TestForeignPages(t *testing.T) {
	s := newStand(t)
	own := strings.TrimSuffix(s.url, "/")
	for _, tt := range []struct {
		site, origin string
		want         int
	}{
		{"cross-site", "https://attacker.example", http.StatusForbidden},
		{"cross-site", "", http.StatusForbidden},
		{"same-site", "", http.StatusForbidden},
		{"", "https://attacker.example", http.StatusForbidden},
		{"", "null", http.StatusForbidden},
		{"", own + "0", http.StatusForbidden},
		{"same-origin", own, http.StatusOK},
		{"same-origin", "", http.StatusOK},
		{"none", "", http.StatusOK},
		{"", "", http.StatusOK},
	} {
		asked, _ := s.server.pages.watched()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"?after=0", nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": tt.site, "Origin": tt.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != tt.want {
			t.Errorf("site %q, origin %q: %s, want %d", tt.site, tt.origin, reply.Status, tt.want)
		}
		if now, _ := s.server.pages.watched(); now != (asked || tt.want == http.StatusOK) {
			t.Errorf("site %q, origin %q: taken for one who watches: %t", tt.site, tt.origin, now)
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}

// TestTooManyWait bounds the requests that are held.
func TestTooManyWait(t *testing.T) {
	s := newStand(t)
	version := s.get("").version
	answers := make(chan int)
	ask := func() {
		a, err := s.try(version)
		if err != nil {
			t.Error(err)
			answers <- 0
			return
		}
		answers <- a.StatusCode
	}
	for range maxWaiting + 1 {
		go ask()
	}
	if first := <-answers; first != http.StatusServiceUnavailable {
		t.Errorf("the first of %d answers has status %d, want %d", maxWaiting+1, first, http.StatusServiceUnavailable)
	}
	s.begin()
	s.trials(s.rec.Trials[:1])
	for range maxWaiting {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
}
