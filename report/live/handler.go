package live

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// holdTime is how long a request for the next page is held without one. Browsers and
// this server wait longer for an answer.
const holdTime = 20 * time.Second

// stateHeader says in each answer whether another page follows.
const stateHeader = "Sendbench-Run"

// Values of stateHeader.
const (
	underWay = "under-way"
	ended    = "ended"
)

// handler answers requests: "/" is the page as it was drawn last, "/?after=VERSION" the
// one that comes after that version, for which it waits (204 No Content if there is none
// for holdTime). There is nothing else.
type handler struct {
	pages *pages
	hosts []string // that requests may be for
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Content-Security-Policy", "frame-ancestors 'none'") // a meta element can't say so
	header.Set("Cache-Control", "no-store")
	switch {
	case !slices.ContainsFunc(h.hosts, func(host string) bool { return strings.EqualFold(host, r.Host) }):
		http.Error(w, "this page is at http://"+h.hosts[0]+"/ and under no other name", http.StatusMisdirectedRequest)
	case h.foreign(r):
		http.Error(w, "a page of another site can't have this one; open http://"+h.hosts[0]+"/ in a tab of its own", http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "this page can only be read: GET or HEAD", http.StatusMethodNotAllowed)
	case r.URL.Path != "/":
		http.Error(w, "there is one page here, at /", http.StatusNotFound)
	default:
		h.page(w, r)
	}
}

// foreign reports whether a page of another origin asks, as its browser says: by
// Sec-Fetch-Site (W3C, Fetch Metadata Request Headers), which an address that was typed in
// has as none, or by Origin (RFC 6454). Such a page can't read the answer, but it would be
// taken for somebody who watches.
func (h handler) foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	return origin != "" && !slices.ContainsFunc(h.hosts, func(host string) bool { return strings.EqualFold(origin, "http://"+host) })
}

func (h handler) page(w http.ResponseWriter, r *http.Request) {
	after := r.URL.Query().Get("after")
	if r.Method == http.MethodGet {
		h.pages.ask(after != "")
	}
	current, news := h.pages.get()
	if after == current.version && !current.ended && r.Method == http.MethodGet {
		release, ok := h.pages.hold()
		if !ok {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many wait for this page; try again later", http.StatusServiceUnavailable)
			return
		}
		timeout := time.NewTimer(holdTime)
		select {
		case <-news:
		case <-timeout.C:
		case <-r.Context().Done():
		}
		timeout.Stop()
		release()
		current, _ = h.pages.get()
	}
	header := w.Header()
	header.Set("ETag", `"`+current.version+`"`)
	header.Set(stateHeader, underWay)
	if current.ended {
		header.Set(stateHeader, ended)
	}
	if after == current.version {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(current.body) // fails when the browser has gone
}
