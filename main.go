// Sendbench answers, on the machine it runs on: which way of sending is fastest
// and cheapest at my buffer size, and from which size on is zero copy worth it?
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitFailed      = 1   // the run or a check failed
	exitUsage       = 2   // the words on the command line are wrong
	exitInterrupted = 130 // as of a shell after SIGINT
)

func main() {
	if isWorker() {
		os.Exit(serveWorker())
	}
	if isPageServer() {
		os.Exit(servePage())
	}
	os.Exit(command(os.Args[1:]))
}

// command runs the command line and returns the exit code. What goes wrong is
// told in one line on standard error.
func command(args []string) int {
	commands := []*cobra.Command{
		runCommand(),
		reportCommand(),
		compareCommand(),
		nicCommand(),
		probeCommand(),
		recvCommand(),
	}
	root := &cobra.Command{
		Use:   "sendbench",
		Short: "Which way of sending is fastest and cheapest here, and from which size on is zero copy worth it?",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q: there are %s", args[0], namesOf(commands))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			if cmd.Name() != "restore" {
				warnLeft()
			}
		},
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("sendbench {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true}) // --help does it
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(commands...)
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return 0
	}
	var code exitCode
	if errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintln(os.Stderr, "sendbench:", oneLine(err))
	if errors.As(err, &usageError{}) {
		return exitUsage
	}
	return exitFailed
}

// namesOf lists commands in words.
func namesOf(commands []*cobra.Command) string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name()
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// oneLine is an error as a user reads it: in one line, though errors.Join puts
// each of its own on one, and without the name of the package that it is from.
func oneLine(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	text = packageName.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

var packageName = regexp.MustCompile(`^((link|nic|uringzc|control): )+`)

// usageError marks an error as one of the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode ends the command with a code of its own when all has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }
