package control

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// guard makes one of the line's goroutines. A panic in it ends the line and not the
// process: whoever has the line may have changed a device, and puts it back on the way
// out of a run, which no other goroutine's panic would take.
func (l *line) guard(run func()) func() {
	return func() {
		defer func() {
			if what := recover(); what != nil {
				l.end(fmt.Errorf("control: a fault of sendbench ended the connection to %s: panic%s: %v", l.other, panicPlace(), what), closeAbruptly)
			}
		}()
		run()
	}
}

// panicPlace is where the panic began that the calling deferred function recovers from:
// " in function (file:line)", or "" if that can't be told.
func panicPlace() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for begun := false; ; {
		frame, more := frames.Next()
		// The runtime's own functions raise a panic, and some turn a fault into one.
		ofRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if begun && !ofRuntime {
			return fmt.Sprintf(" in %s (%s:%d)", frame.Function, filepath.Base(frame.File), frame.Line)
		}
		begun = begun || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
