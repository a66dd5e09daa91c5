package link

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onDiscardedThread starts f in a goroutine with a thread of its own that ends
// with it: what f changes of the thread, its namespace or its CPUs, stays there.
// It is never the process's first thread, which can't end before the process
// and whose namespace and CPUs pass for the process's own in /proc/self.
func onDiscardedThread(f func()) {
	go func() {
		runtime.LockOSThread() // and never unlocked, which makes the thread end
		if unix.Gettid() != unix.Getpid() {
			f()
			return
		}
		// As long as this goroutine holds the first thread, the next one gets
		// another.
		placed := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(placed)
			f()
		}()
		<-placed
		runtime.UnlockOSThread()
	}()
}
