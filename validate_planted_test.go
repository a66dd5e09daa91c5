//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
	"sendbench/strategies/strategytest"
)

// plantedEnv names the file that strategies with a planted difference write down in
// what they did; in a process that has it, and in its workers, there are such
// strategies.
const plantedEnv = "SENDBENCH_TEST_PLANTED"

// spinsStrategy takes spinPart longer than the baseline for the same.
const (
	spinsStrategy = "write-spins"
	spinPart      = 0.03
)

// doubles are ways of sending that are the baseline under another name: as many as the
// default sweep compares with it on a machine with few CPUs.
var doubles = []string{"write-2", "write-3", "write-4", "write-5", "write-6", "write-7"}

// addPlanted adds the planted strategies where they are asked for.
func addPlanted() error {
	file := os.Getenv(plantedEnv)
	if file == "" {
		return nil
	}
	if err := strategies.Add(spins(file)); err != nil {
		return err
	}
	for _, name := range doubles {
		s := strategies.Baseline()
		s.Name, s.Way = name, s.Way+" (once more)"
		if err := strategies.Add(s); err != nil {
			return err
		}
	}
	return nil
}

// spins is the baseline, after each call of which the CPU turns idle rounds for
// spinPart of the time since it last did. What came of it is appended to a file when the
// sender is closed: a spell a line.
func spins(file string) strategies.Strategy {
	base := strategies.Baseline()
	s := base
	s.Name, s.Way = spinsStrategy, fmt.Sprintf("%s, and %v %% of the time besides doing nothing", base.Way, 100*spinPart)
	s.Open = func(c strategies.Config) (strategies.Sender, error) {
		sender, err := base.Open(c)
		if err != nil {
			return nil, err
		}
		return &spinSender{Sender: sender, file: file, reading: reading()}, nil
	}
	return s
}

// reading is the time in ns that it takes to read the clock.
func reading() int64 {
	const readings = 10000
	begun, now := strategies.Now(), int64(0)
	for range readings {
		now = strategies.Now()
	}
	return (now - begun) / readings
}

// spell is one stretch of sending.
type spell struct {
	Size     int   `json:"size"`
	Messages int64 `json:"messages"`
	SpunNS   int64 `json:"spun_ns"`
}

type spinSender struct {
	strategies.Sender
	file    string
	reading int64 // time in ns that reading the clock takes
	size    int
	t       *strategies.Tally // of the spell under way
	spun    int64             // in it, ns
	last    int64             // when it last ended to spin, or the spell began
	spells  []spell           // before it
}

func (s *spinSender) Begin(b *strategies.Buffers, t *strategies.Tally) error {
	s.end()
	s.size, s.t, s.spun, s.last = b.Size(), t, 0, strategies.Now()
	return s.Sender.Begin(b, t)
}

// end puts away the spell under way.
func (s *spinSender) end() {
	if s.t != nil {
		s.spells = append(s.spells, spell{s.size, s.t.Messages, s.spun})
	}
}

// Send spins between two readings of the clock, of which halves are outside: what one
// takes is spun as well.
func (s *spinSender) Send(first uint64, n int) error {
	err := s.Sender.Send(first, n)
	sent := strategies.Now()
	until, now := sent+int64(spinPart*float64(sent-s.last)), sent
	for now < until {
		now = strategies.Now()
	}
	s.spun += now - sent + s.reading
	s.last = now
	return err
}

func (s *spinSender) Close() (err error) {
	s.end()
	defer func() { err = errors.Join(err, s.Sender.Close()) }()
	file, err := os.OpenFile(s.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := json.NewEncoder(file)
	for _, spell := range s.spells {
		if err := lines.Encode(spell); err != nil {
			return err
		}
	}
	return nil
}

// readSpells reads what was written down.
func readSpells(name string) (spells []spell, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for lines := json.NewDecoder(file); lines.More(); {
		var s spell
		if err := lines.Decode(&s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		spells = append(spells, s)
	}
	return spells, nil
}

// spunShares are the parts of their time that the trials of spinsStrategy spun. Both
// come in the order of time; spells without a trial, such as the warm-ups, are passed
// over.
func spunShares(trials []results.Trial, spells []spell) (shares []float64, err error) {
	for _, t := range trials {
		if t.Cell.Strategy != spinsStrategy || !t.Valid() {
			continue
		}
		for len(spells) > 0 && (spells[0].Size != t.Cell.Size || spells[0].Messages != t.Messages) {
			spells = spells[1:]
		}
		if len(spells) == 0 {
			return nil, fmt.Errorf("no spell of %d messages of %d bytes, as the trial of round %d has", t.Messages, t.Cell.Size, t.Round)
		}
		shares = append(shares, float64(spells[0].SpunNS)/float64(t.ElapsedNS))
		spells = spells[1:]
	}
	return shares, nil
}

// TestSpins: the planted strategy sends like any other, and writes down spells that
// are told apart and spin for no less than their part of the sending.
func TestSpins(t *testing.T) {
	link.Inside() // brings lo up where TestValidate runs this program again
	file := t.TempDir() + "/spells"
	strategytest.Run(t, spins(file))
	spells, err := readSpells(file)
	if err != nil {
		t.Fatal(err)
	}
	var spun, messages int64
	for _, s := range spells {
		spun += s.SpunNS
		messages += s.Messages
	}
	if len(spells) < 2 || messages == 0 || spun == 0 {
		t.Errorf("%d spells with %d messages spun %v; want some of each", len(spells), messages, time.Duration(spun))
	}
}

func TestSpunShares(t *testing.T) {
	trial := func(strategy string, messages int64) results.Trial {
		return results.Trial{
			Cell: results.Cell{Strategy: strategy, Size: 100}, Messages: messages, Bytes: 100 * messages, ElapsedNS: 1000,
		}
	}
	trials := []results.Trial{trial(spinsStrategy, 5), trial("write", 7), trial(spinsStrategy, 9)}
	spells := []spell{{100, 1, 99}, {100, 5, 10}, {200, 9, 99}, {100, 9, 30}}
	shares, err := spunShares(trials, spells)
	if err != nil || len(shares) != 2 || shares[0] != 0.01 || shares[1] != 0.03 {
		t.Errorf("shares %v (%v), want 0.01 and 0.03", shares, err)
	}
	if _, err := spunShares(trials, spells[:3]); err == nil {
		t.Error("no error though the spell of a trial is missing")
	}
}

// TestAddTaken: no strategy can take the name of another.
func TestAddTaken(t *testing.T) {
	if err := strategies.Add(strategies.Baseline()); err == nil {
		t.Error("a second strategy of the baseline's name was added")
	}
}
