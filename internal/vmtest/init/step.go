//go:build linux

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/internal/vmtest/guest"
)

// goodbye is how long a step that goes on beside others may take to end when it is
// asked to.
const goodbye = 5 * time.Second

// run runs the steps and tells of each.
func run(steps []guest.Step, namespaces map[string]*os.File, events *guest.Writer) error {
	var beside []*process
	for _, s := range steps {
		if s.Unless != "" {
			if _, err := os.Stat(s.Unless); err == nil {
				if err := passOver(s, events); err != nil {
					return err
				}
				continue
			}
		}
		p, err := start(s, namespaces[s.Host], events)
		if err != nil {
			return fmt.Errorf("step %q: %w", s.Name, err)
		}
		if s.Ready != "" && p.isReady() {
			beside = append(beside, p)
			continue
		}
		if err := p.end(); err != nil {
			return fmt.Errorf("step %q: %w", s.Name, err)
		}
	}
	for _, p := range beside {
		p.terminate()
		if err := p.end(); err != nil {
			return fmt.Errorf("step %q: %w", p.step.Name, err)
		}
	}
	return nil
}

// passOver tells of a step that isn't run.
func passOver(s guest.Step, events *guest.Writer) error {
	for _, e := range []guest.Event{
		{Kind: guest.Start}, {Kind: guest.Output, Text: "not run: there is " + s.Unless + "\n"}, {Kind: guest.End},
	} {
		e.Step = s.Name
		if err := events.Write(e); err != nil {
			return err
		}
	}
	return nil
}

// process is a step that runs.
type process struct {
	step   guest.Step
	events *guest.Writer
	cmd    *exec.Cmd
	began  time.Time
	late   *time.Timer
	isLate chan struct{} // closed when it is killed for lack of time
	ready  chan struct{} // closed at the first line that matches
	exited chan struct{} // closed when it has ended and all its output was sent
	took   time.Duration // once exited is closed
}

func start(s guest.Step, ns *os.File, events *guest.Writer) (*process, error) {
	if s.Host != "" && ns == nil {
		return nil, fmt.Errorf("there is no host %q", s.Host)
	}
	ready, err := regexp.Compile(s.Ready)
	if err != nil {
		return nil, err
	}
	if err := events.Write(guest.Event{Kind: guest.Start, Step: s.Name}); err != nil {
		return nil, err
	}
	p := &process{
		step: s, events: events, began: time.Now(),
		isLate: make(chan struct{}), ready: make(chan struct{}), exited: make(chan struct{}),
	}
	p.cmd = exec.Command(s.Args[0], s.Args[1:]...)
	if ns != nil {
		p.cmd = exec.Command("/proc/self/exe", append([]string{enterCommand}, s.Args...)...)
		p.cmd.ExtraFiles = []*os.File{ns}
	}
	p.cmd.Dir, p.cmd.Env = s.Dir, append(os.Environ(), s.Env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // killed with all its children
	p.cmd.WaitDelay = goodbye                               // where one of them holds the output open all the same
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	var told sync.WaitGroup
	told.Go(func() { p.tell(r, ready) })
	if err := p.cmd.Start(); err != nil {
		fmt.Fprintln(w, err) // its own failure, and no other step's
	}
	p.late = time.AfterFunc(s.Within, func() { close(p.isLate); p.kill() })
	go p.watch()
	go func() {
		if p.cmd.Process != nil {
			p.cmd.Wait() // how it ended is in ProcessState
		}
		w.Close()
		told.Wait()
		p.took = time.Since(p.began)
		close(p.exited)
	}()
	return p, nil
}

// tell sends the output line by line.
func (p *process) tell(r io.Reader, ready *regexp.Regexp) {
	isReady := false
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if line != "" {
			p.events.Write(guest.Event{Kind: guest.Output, Step: p.step.Name, Text: line})
		}
		if !isReady && p.step.Ready != "" && ready.MatchString(line) {
			isReady = true
			close(p.ready)
		}
		if err != nil {
			return
		}
	}
}

// watch kills the process when there is the file that the step names.
func (p *process) watch() {
	if p.step.KillWhen == "" {
		return
	}
	for look := time.NewTicker(time.Millisecond); ; {
		select {
		case <-p.exited:
			look.Stop()
			return
		case <-look.C:
			if files, _ := filepath.Glob(p.step.KillWhen); len(files) > 0 {
				p.kill()
			}
		}
	}
}

// isReady waits until a step says that it is ready; false if it ends before.
func (p *process) isReady() bool {
	select {
	case <-p.ready:
		return true
	case <-p.exited:
		return false
	}
}

func (p *process) kill() { p.signal(unix.SIGKILL) }

func (p *process) terminate() {
	p.signal(unix.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(goodbye):
		p.kill()
	}
}

func (p *process) signal(s unix.Signal) {
	if p.cmd.Process != nil {
		unix.Kill(-p.cmd.Process.Pid, s) // ESRCH if it is over
	}
}

// end waits for the process, sends its files, and tells how it ended.
func (p *process) end() error {
	<-p.exited
	p.late.Stop()
	for _, name := range p.step.Files {
		data, err := packed(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := p.events.Write(guest.Event{Kind: guest.File, Step: p.step.Name, Name: name, Data: data}); err != nil {
			return err
		}
	}
	e := guest.Event{Kind: guest.End, Step: p.step.Name, Exit: 127, Took: p.took}
	if state := p.cmd.ProcessState; state != nil {
		e.Exit = state.ExitCode()
		if status := state.Sys().(syscall.WaitStatus); status.Signaled() {
			e.Exit = 128 + int(status.Signal())
		}
	}
	select {
	case <-p.isLate:
		e.Late = true
	default:
	}
	return p.events.Write(e)
}

// packed is the content of a file, by gzip.
func packed(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
