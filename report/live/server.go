// Package live serves the page of a run while it goes on: the same page as the
// report's, drawn from the record so far, to browsers on this machine.
//
// It is served from a process of its own (Start), outside the network namespace in which
// the run may be: what both see is the record's file. That process yields the CPU to
// everything else, keeps off the sender's, draws only what somebody asks for, and spends
// a small share of its time on that, since what it does disturbs what is measured.
package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"
)

// drawEvery is how often the page is drawn at most, and drawShare the part of a CPU's
// time that is spent on it at most.
const (
	drawEvery = time.Second
	drawShare = 0.05
)

// Linger is how long a server stays at most after its run, for browsers to get the last
// page.
const Linger = 10 * time.Second

// server serves the page of one run.
type server struct {
	pages  *pages
	artist artist
	every  time.Duration        // that the page is drawn at most
	spent  func() time.Duration // what drawing takes, so far
	// How long browsers have to ask for the last page: those that follow and have just
	// got another, and beyond that those that load the page again every so often.
	settle, reload time.Duration
}

func newServer(file string, before fs.FileInfo) *server {
	begun := time.Now()
	return &server{
		spent: func() time.Duration { return time.Since(begun) },
		pages: newPages(), artist: artist{file: file, before: before},
		every: drawEvery, settle: time.Second, reload: refresh * time.Second,
	}
}

// Serve serves the page of the run that puts its record in a file, and hasn't yet: what is
// there when Serve is called isn't taken for it. It does so in this process, at the expense
// of whatever else that does, and returns when over has been closed and browsers have the
// last page, within Linger. It closes the listener. The error says what ended it before.
func Serve(l net.Listener, file string, over <-chan struct{}) error {
	before, err := os.Stat(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, l.Close())
	}
	return newServer(file, before).serve(l, over)
}

// serve answers on a listener until over is closed, and then until those who watch have
// the last page, or for Linger. It closes the listener.
func (s *server) serve(l net.Listener, over <-chan struct{}) error {
	web := http.Server{
		Handler:           handler{pages: s.pages, hosts: hosts(l.Addr())},
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		WriteTimeout:      holdTime + 20*time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	if err := s.draw(false); err != nil {
		return errors.Join(err, l.Close())
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	if err := s.follow(over, failed); err != nil {
		return errors.Join(err, web.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), Linger)
	defer cancel()
	s.await(ctx)
	// Shutdown waits for requests that are being answered.
	if err := web.Shutdown(ctx); err != nil {
		return web.Close()
	}
	return nil
}

// follow draws the page while the run goes on, and once more when it is over.
func (s *server) follow(over <-chan struct{}, failed <-chan error) error {
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	var next time.Time
	for {
		select {
		case err := <-failed:
			return fmt.Errorf("serving the page: %w", err)
		case <-over:
			if ever, _ := s.pages.watched(); !ever {
				return nil
			}
			return s.draw(true)
		case now := <-ticker.C:
			if now.Before(next) || !s.pages.wanted() {
				continue
			}
			before := s.spent()
			if err := s.draw(false); err != nil {
				return err
			}
			next = now.Add(time.Duration(float64(s.spent()-before) / drawShare))
		}
	}
}

// draw puts a new page in the place of the old, if it is another.
func (s *server) draw(over bool) error {
	body, changed, err := s.artist.draw(s.pages.next(), over)
	if err == nil && changed {
		s.pages.put(body, over)
	}
	return err
}

// await waits until browsers that hold no request had time to ask for the last page.
func (s *server) await(ctx context.Context) {
	ever, plain := s.pages.watched()
	if !ever {
		return
	}
	wait := s.settle
	if !plain.IsZero() && time.Since(plain) < 2*s.reload {
		wait += s.reload
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}
