// Package guest is what the host and the first program of a virtual machine say to
// each other: a Script goes in with the initramfs, Events come out over a serial
// line.
package guest

import "time"

// ScriptPath is where a Script lies in the initramfs, as JSON.
const ScriptPath = "/script.json"

// Port is the serial line of the Events, the second one: the first is the kernel's
// console, so that no message of the kernel lands within an Event.
const Port = "/dev/ttyS1"

// Script is what a virtual machine does before it powers itself off.
type Script struct {
	// Modules are the paths of the kernel modules to load, each after those that
	// it depends on.
	Modules []string `json:"modules"`
	// Hosts are the network namespaces to make.
	Hosts []Host `json:"hosts"`
	// Steps run one after the other. That one fails doesn't end the script.
	Steps []Step `json:"steps"`
}

// Host is a network namespace that plays a host with one network card.
type Host struct {
	Name    string   `json:"name"`
	MAC     string   `json:"mac"`     // tells the card that is moved in
	Device  string   `json:"device"`  // what it is called there
	Address []string `json:"address"` // with prefix length, of either family
}

// Step is one program that is run.
type Step struct {
	Name string   `json:"name"`
	Args []string `json:"args"` // the program first
	Dir  string   `json:"dir"`
	Env  []string `json:"env"` // beside HOME, PATH and TMPDIR
	// Host is the name of the namespace to run in, "" for the machine's own.
	Host string `json:"host"`
	// Unless, unless it is "", is a file that there must not be: where it is, the step
	// has succeeded without being run.
	Unless string `json:"unless"`
	// Within is how long it may take. Then it is killed, which is its failure.
	Within time.Duration `json:"within"`
	// Ready, unless it is "", makes the step go on beside those that come after it,
	// from when a line of its output matches this regular expression. It gets
	// SIGTERM when all others are done.
	Ready string `json:"ready"`
	// KillWhen, unless it is "", kills the program by SIGKILL as soon as a file
	// matches this pattern of path.Match.
	KillWhen string `json:"kill_when"`
	// Files are sent to the host after the step, those of them that exist.
	Files []string `json:"files"`
}
