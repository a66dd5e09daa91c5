//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sendbench/runner/link/control"
	"sendbench/runner/results"
)

// recvProcess is a sendbench recv on loopback.
type recvProcess struct {
	cmd     *exec.Cmd
	address string // of its control port
	said    string // before it listened
	stdout  *bytes.Buffer
	stderr  *bytes.Buffer // of after that, to be read when it has ended
	rest    chan error
}

// startRecv returns when it listens.
func startRecv(t *testing.T, args ...string) *recvProcess {
	t.Helper()
	p := &recvProcess{cmd: sendbench(t, append([]string{"recv", "--listen", "127.0.0.1:0"}, args...)...), stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), rest: make(chan error, 1)}
	p.cmd.Stdout = p.stdout
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	lines := bufio.NewReader(pipe)
	for p.address == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it doesn't listen: %v after %s", err, p.said)
		}
		if at := listening.FindStringSubmatch(line); at != nil {
			p.address = at[1]
		}
		p.said += line
	}
	go func() {
		_, err := io.Copy(p.stderr, lines)
		p.rest <- err
	}()
	return p
}

// end waits for the process and returns its exit code.
func (p *recvProcess) end(t *testing.T) int {
	t.Helper()
	select {
	case err := <-p.rest:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatalf("it goes on %v after it should have ended", patience)
	}
	if err := p.cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *recvProcess) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// recvSession is a session of two flows on loopback.
func recvSession(t *testing.T, p *recvProcess, secret []byte) *control.Conn {
	t.Helper()
	c, err := control.Dial(t.Context(), p.address, secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	a, err := c.Agree(t.Context(), control.Terms{Proto: results.ProtoUDP, Family: 4, Flows: 2, Seconds: 30})
	if err != nil {
		t.Fatal(err)
	}
	if a.Terms.BitsPerSecond != 2.5e9 || a.Terms.Seconds != 30 {
		t.Errorf("agreed were %+v, want the lesser of each", a.Terms)
	}
	return c
}

// A receiver that makes its secret in a file serves one sender after another, tells of
// each, and ends with a signal as it is meant to; a second one reads that secret.
func TestRecv(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for i, first := range []string{"made a secret in " + file, ""} {
		p := startRecv(t, "--secret-file", file, "--max-rate", "2.5G", "--max-time", "1m")
		if !strings.Contains(p.said, first) || !strings.Contains(p.said, "at most 2.5 Gbit/s for 1m0s each") || strings.Count(p.said, "\n") != 2-i {
			t.Errorf("it begins with\n%s", p.said)
		}
		secret, warning, err := control.ReadSecret(file)
		if err != nil || warning != "" {
			t.Fatalf("the secret: %q, %v", warning, err)
		}
		if _, err := control.Dial(t.Context(), p.address, control.NewSecret()); err == nil {
			t.Error("another secret is as good")
		}
		for range 2 {
			if err := recvSession(t, p, secret).Close(); err != nil {
				t.Error(err)
			}
		}
		last := recvSession(t, p, secret)
		p.signal(t, syscall.SIGTERM)
		if code := p.end(t); code != 0 {
			t.Errorf("exit code %d after SIGTERM", code)
		}
		<-last.Gone()
		if err := last.Err(); !strings.Contains(err.Error(), "ended the session: it was stopped") {
			t.Errorf("the last sender is told %v", err)
		}
		served := strings.SplitAfter(p.stdout.String(), "\n")
		if len(served) != 4 || served[3] != "" {
			t.Fatalf("it tells of its sessions in\n%s", p.stdout)
		}
		for i, how := range []string{"the sender ended it", "the sender ended it", "it was stopped"} {
			if want := regexp.MustCompile(fmt.Sprintf(`^127\.0\.0\.1:\d+: udp, 2 flows, agreed 2\.5 Gbit/s for 30s; lasted \S+: %s; 0 messages, 0\.000 GB of payload\n$`, how)); !want.MatchString(served[i]) {
				t.Errorf("session %d is told as %q", i, served[i])
			}
		}
		if said := p.stderr.String(); !strings.Contains(said, "it has another secret") || strings.Count(said, "\n") != 1 {
			t.Errorf("it goes on with\n%s", said)
		}
	}
}

// Without a file the secret is printed, and with --once the first session decides how
// it ends.
func TestRecvOnce(t *testing.T) {
	printed := regexp.MustCompile(`the secret, until this ends: (\S{26})\n`)
	for _, test := range []struct {
		name string
		end  func(*testing.T, *recvProcess, []byte)
		code int
	}{
		{"served", func(t *testing.T, p *recvProcess, secret []byte) { recvSession(t, p, secret).Close() }, 0},
		{"stopped in its session", func(t *testing.T, p *recvProcess, secret []byte) {
			recvSession(t, p, secret)
			p.signal(t, syscall.SIGINT)
		}, exitFailed},
		{"stopped before", func(t *testing.T, p *recvProcess, secret []byte) { p.signal(t, syscall.SIGINT) }, exitInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := startRecv(t, "--once", "--max-rate", "2500M")
			secret := printed.FindStringSubmatch(p.said)
			if secret == nil {
				t.Fatalf("there is no secret in\n%s", p.said)
			}
			test.end(t, p, []byte(secret[1]))
			if code := p.end(t); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
		})
	}
}
