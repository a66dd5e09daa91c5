//go:build linux

package runner

import (
	"errors"
	"runtime"

	"sendbench/runner/meter"
)

// lane is a thread that one flow sends from, pinned to a CPU. The first lane of a
// rig is the thread that the rig belongs to.
type lane struct {
	cpu      int
	tasks    chan func()
	done     chan struct{}   // a task is; closed when the lane has ended
	counters *meter.Counters // of the thread; nil where there are none
}

// ownLane makes the calling thread a lane, which it is pinned to.
func ownLane(cpu int) (*lane, error) {
	l := &lane{cpu: cpu}
	return l, l.settle()
}

// newLane starts a thread that is a lane.
func newLane(cpu int) (*lane, error) {
	l := &lane{cpu: cpu, tasks: make(chan func()), done: make(chan struct{})}
	go func() {
		// Not unlocked: the thread, pinned as it is, ends with the goroutine.
		runtime.LockOSThread()
		for task := range l.tasks {
			task()
			l.done <- struct{}{}
		}
		close(l.done)
	}()
	var err error
	l.do(func() { err = l.settle() })
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// settle pins the thread and opens its counters.
func (l *lane) settle() error {
	if err := meter.Pin(l.cpu); err != nil {
		return err
	}
	counters, err := meter.OpenCounters()
	if errors.As(err, new(*meter.UnavailableError)) {
		return nil // of which the environment gives the reason
	}
	l.counters = counters
	return err
}

// start has the lane do something beside the caller, unless it is the caller's own:
// then it is done on return.
func (l *lane) start(task func()) {
	if l.tasks == nil {
		task()
		return
	}
	l.tasks <- task
}

// wait waits for what was started.
func (l *lane) wait() {
	if l.tasks != nil {
		<-l.done
	}
}

// do has the lane do something.
func (l *lane) do(task func()) {
	l.start(task)
	l.wait()
}

// close ends the lane's thread, unless it is the caller's own.
func (l *lane) close() error {
	var err error
	if l.counters != nil {
		err = l.counters.Close()
	}
	if l.tasks != nil {
		close(l.tasks)
		<-l.done
	}
	return err
}
