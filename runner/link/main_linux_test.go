package link_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
)

// role is the environment variable that makes the test program play another
// part than running tests, for tests that need a process of its own.
const role = "LINK_TEST_ROLE"

// marker is the variable by which a process knows that it is inside.
const marker = "SENDBENCH_NAMESPACE"

func TestMain(m *testing.M) {
	if name := os.Getenv(role); name != "" {
		code, err := roles[name]()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}
	os.Exit(linktest.RunTests(m))
}

var roles = map[string]func() (int, error){
	"inside":  func() (int, error) { fmt.Println(link.Inside()); return 0, nil },
	"outside": openOutside,
	"exit":    func() (int, error) { return isolated(func() (int, error) { return 7, nil }) },
	"die": func() (int, error) {
		return isolated(func() (int, error) { return 0, unix.Kill(os.Getpid(), unix.SIGKILL) })
	},
	"wait":          func() (int, error) { return isolated(awaitSignal) },
	"hold":          func() (int, error) { return isolated(holdLinks) },
	"silent":        func() (int, error) { return silent() },
	"worker":        work,
	"full-users":    func() (int, error) { return limited("max_user_namespaces", true) },
	"full-networks": func() (int, error) { return limited("max_net_namespaces", false) },
	"refused":       refused,
}

// play prepares this program in a role, not knowing of the tests' namespace
// unless it is told to.
func play(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, marker+"=") })
	cmd.Env = append(cmd.Env, role+"="+name, "GORACE=atexit_sleep_ms=0") // the race detector's second at each exit adds up
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	return cmd
}

// isolated is the beginning of every program that uses this package.
func isolated(inside func() (int, error)) (int, error) {
	if link.Inside() {
		return inside()
	}
	code, err := link.Isolate()
	if err != nil {
		return 1, err
	}
	return code, nil
}

func openOutside() (int, error) {
	for _, kind := range []string{link.Sink, link.Pair} {
		if l, err := link.Open(kind, 4); err == nil {
			l.Close()
			return 1, fmt.Errorf("%s opens outside a namespace", kind)
		}
	}
	l, err := link.Open(link.Loopback, 4)
	if err != nil {
		return 1, err
	}
	defer l.Close()
	return 0, json.NewEncoder(os.Stdout).Encode(l.Shared())
}

func awaitSignal() (int, error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	fmt.Println("ready")
	return 40 + int((<-signals).(unix.Signal)), nil
}

// holdLinks prints the process's number once every kind of link is open.
func holdLinks() (int, error) {
	for _, kind := range []string{link.Sink, link.Pair, link.Loopback} {
		l, err := link.Open(kind, 4)
		if err != nil {
			return 1, err
		}
		defer l.Close()
	}
	fmt.Println(os.Getpid())
	select {}
}

// silent forgets to call Inside in the process that Isolate starts.
func silent() (int, error) {
	if strings.Contains(os.Getenv(marker), "outside") {
		return 0, nil
	}
	_, err := link.Isolate()
	if err == nil {
		return 1, errors.New("Isolate succeeds with a program that doesn't call Inside")
	}
	fmt.Println(err)
	return 0, nil
}

// limited runs in a user namespace of its own, where it forbids namespaces and
// then runs the role refused, on request without any capability.
func limited(sysctl string, powerless bool) (int, error) {
	if err := os.WriteFile("/proc/sys/user/"+sysctl, []byte("0"), 0); err != nil {
		return 1, err
	}
	runtime.LockOSThread() // what is dropped is dropped for this thread and the program it starts
	for capability := uintptr(0); powerless && capability <= unix.CAP_LAST_CAP; capability++ {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil && err != unix.EINVAL {
			return 1, err
		}
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), role+"=refused")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return 0, cmd.Run()
}

func refused() (int, error) {
	_, err := link.Isolate()
	var e *link.NamespaceError
	if !errors.As(err, &e) {
		return 1, fmt.Errorf("got %w, want a NamespaceError", err)
	}
	return 0, json.NewEncoder(os.Stdout).Encode(e.Setting)
}
