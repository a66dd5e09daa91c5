package live

import (
	"strconv"
	"sync"
	"time"
)

// page is what a browser shows.
type page struct {
	version string // "" before the first
	ended   bool   // no other follows
	body    []byte
}

// pages is the page as it was drawn last, and who asks for it.
type pages struct {
	mu      sync.Mutex
	current page
	news    chan struct{} // closed when another takes its place
	drawn   int
	asked   bool      // since the last look of wanted
	waiting int       // requests that are held until there is news
	plain   time.Time // of the last request by a browser that doesn't follow; zero if it does, or before any
	ever    bool      // somebody has asked
}

func newPages() *pages { return &pages{news: make(chan struct{})} }

// maxWaiting bounds the requests that are held at once.
const maxWaiting = 32

// get returns the current page, and what is closed when it isn't that any more.
func (p *pages) get() (page, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current, p.news
}

// put puts a page in the place of the one before.
func (p *pages) put(body []byte, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = page{version: p.next(), ended: ended, body: body}
	p.drawn++
	close(p.news)
	p.news = make(chan struct{})
}

// next is the version of the page that is put next. The caller holds the lock, or is
// the only one that puts.
func (p *pages) next() string { return strconv.Itoa(p.drawn + 1) }

// ask notes that somebody wants the page, and whether it is to follow the one that they
// have.
func (p *pages) ask(follows bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.ever, p.plain = true, true, time.Time{}
	if !follows {
		p.plain = time.Now()
	}
}

// hold notes that a request waits for news, until release; ok is false where too many
// do.
func (p *pages) hold() (release func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting >= maxWaiting {
		return nil, false
	}
	p.waiting++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiting--
	}, true
}

// wanted reports whether somebody waits for the page, or has asked since it was called
// last.
func (p *pages) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked || p.waiting > 0
	p.asked = false
	return asked
}

// watched reports whether anybody has ever asked, and when a browser did last that
// loads the page again by itself.
func (p *pages) watched() (ever bool, plain time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ever, p.plain
}
