//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"
	"sendbench/runner/link/control"
	"sendbench/runner/recv"
)

// recvFlags are recv's flags as they stand on the command line.
type recvFlags struct {
	listen     string
	secretFile string
	dataPort   int
	maxRate    string
	maxTime    time.Duration
	once       bool
}

func recvCommand() *cobra.Command {
	var f recvFlags
	cmd := &cobra.Command{
		Use:   "recv",
		Short: "Receive what sendbench run --link nic sends from another host",
		Long: `Receive what sendbench run --link nic sends from another host.

A sender has to hold the same secret. It connects to the address of --listen, says
what it wants to send, and sends when that is agreed: to the same address, for UDP to
one port for each flow from --data-port on, for TCP to that port alone. One sender is
served at a time, and each that was is told of in a line. SIGINT or SIGTERM ends it.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("recv takes no argument, %q is one; where to listen is said with --listen", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.listen, "listen", "", "`HOST:PORT` of control connections, such as 192.0.2.2:7001, or :7001 for all of this host's addresses")
	flags.StringVar(&f.secretFile, "secret-file", "", "`FILE` with the secret; made if there is none (default: a new secret, printed once)")
	flags.IntVar(&f.dataPort, "data-port", 0, "first `PORT` for data (default: the one after that of --listen)")
	flags.StringVar(&f.maxRate, "max-rate", "10G", "most `BITS` a second of payload to take")
	flags.DurationVar(&f.maxTime, "max-time", 10*time.Minute, "most `TIME` to serve one sender for")
	flags.BoolVar(&f.once, "once", false, "end when one sender was served")
	return cmd
}

func (f *recvFlags) run(cmd *cobra.Command) error {
	limits, err := f.limits(cmd)
	if err != nil {
		return usageError{err}
	}
	secret, err := f.secret()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", f.listen, err)
	}
	at := listener.Addr().(*net.TCPAddr).AddrPort()
	if f.dataPort == 0 {
		f.dataPort = int(at.Port()) + 1
	}
	if f.dataPort > 1<<16-1 {
		listener.Close()
		return usageError{fmt.Errorf("--listen %s: there is no port after it for data; say one with --data-port", f.listen)}
	}
	fmt.Fprintf(os.Stderr, "sendbench: listening on %s for senders that hold the secret, data from port %d on; at most %s for %v each\n",
		at, f.dataPort, bitRate(limits.BitsPerSecond), time.Duration(limits.Seconds)*time.Second)
	return f.serve(ctx, listener, secret, limits)
}

// serve ends with a signal, and with --once after a session.
func (f *recvFlags) serve(ctx context.Context, listener net.Listener, secret []byte, limits control.Limits) error {
	serving, end := context.WithCancel(ctx)
	defer end()
	served, failed := false, false // read when Serve has returned
	server := control.Server{
		Secret: secret,
		Limits: limits,
		Open:   recv.Host{DataPort: uint16(f.dataPort)}.Open,
		Over: func(s control.Summary) {
			fmt.Println(sessionLine(s))
			if f.once && !served {
				served, failed = true, s.Err != nil
				end()
			}
		},
		Refused: func(peer netip.AddrPort, why string, connections int) {
			others := ""
			if connections > 1 {
				others = fmt.Sprintf(" (and %d others since the last line)", connections-1)
			}
			fmt.Fprintf(os.Stderr, "sendbench: refused %s: %s%s\n", peer, oneLine(errors.New(why)), others)
		},
	}
	err := server.Serve(serving, listener)
	switch {
	case err != nil:
		return err
	case f.once && !served:
		return exitCode(exitInterrupted)
	case failed:
		return exitCode(exitFailed)
	}
	return nil // a signal is how a receiver is meant to end
}

// limits checks what the flags say.
func (f *recvFlags) limits(cmd *cobra.Command) (control.Limits, error) {
	var l control.Limits
	if f.listen == "" {
		return l, errors.New("--listen: it takes the host and port to listen on, such as 192.0.2.2:7001")
	}
	if _, _, err := net.SplitHostPort(f.listen); err != nil {
		return l, fmt.Errorf("--listen %s: it takes a host and a port, such as 192.0.2.2:7001, [2001:db8::2]:7001 or :7001", f.listen)
	}
	if cmd.Flags().Changed("data-port") && (f.dataPort < 1 || f.dataPort > 1<<16-1) {
		return l, fmt.Errorf("--data-port %d: it takes a port from 1 to %d", f.dataPort, 1<<16-1)
	}
	if f.maxTime < time.Second {
		return l, fmt.Errorf("--max-time %v: it takes a time of a second or more, such as 10m", f.maxTime)
	}
	l.Seconds = int64(f.maxTime / time.Second)
	var err error
	l.BitsPerSecond, err = parseBitRate("max-rate", f.maxRate)
	return l, err
}

// secret reads the secret, or makes one and says where it is.
func (f *recvFlags) secret() ([]byte, error) {
	if f.secretFile == "" {
		secret := control.NewSecret()
		fmt.Fprintf(os.Stderr, "sendbench: the secret, until this ends: %s\n", secret)
		return secret, nil
	}
	secret, warning, err := control.ReadSecret(f.secretFile)
	if errors.Is(err, fs.ErrNotExist) {
		secret = control.NewSecret()
		if err := control.WriteSecret(f.secretFile, secret); err != nil {
			return nil, fmt.Errorf("--secret-file: %s", oneLine(err))
		}
		fmt.Fprintf(os.Stderr, "sendbench: made a secret in %s; senders need a copy of that file\n", f.secretFile)
		return secret, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--secret-file: %s", oneLine(err))
	}
	if warning != "" {
		fmt.Fprintln(os.Stderr, "sendbench:", warning)
	}
	return secret, nil
}

// sessionLine says who sent, what was agreed, how it ended, and what came.
func sessionLine(s control.Summary) string {
	flows := "1 flow"
	if s.Terms.Flows > 1 {
		flows = fmt.Sprintf("%d flows", s.Terms.Flows)
	}
	ended := "the sender ended it"
	if s.Err != nil {
		ended = oneLine(s.Err)
	}
	return fmt.Sprintf("%s: %s, %s, agreed %s for %v; lasted %v: %s; %d messages, %.3f GB of payload",
		s.Sender, s.Terms.Proto, flows, bitRate(s.Terms.BitsPerSecond), time.Duration(s.Terms.Seconds)*time.Second,
		s.Lasted.Round(time.Millisecond), ended, s.Messages, float64(s.Received)/1e9)
}

// bitRate is a rate as a person reads it.
func bitRate(bits int64) string {
	switch {
	case bits == 0:
		return "any rate"
	case bits < 1e6:
		return fmt.Sprintf("%.4g kbit/s", float64(bits)/1e3)
	case bits < 1e9:
		return fmt.Sprintf("%.4g Mbit/s", float64(bits)/1e6)
	}
	return fmt.Sprintf("%.4g Gbit/s", float64(bits)/1e9)
}
