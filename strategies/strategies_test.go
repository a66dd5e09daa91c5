//go:build linux

package strategies_test

import (
	"testing"

	"sendbench/strategies"
	"sendbench/strategies/strategytest"
)

func TestConformance(t *testing.T) {
	for _, s := range strategies.All() {
		t.Run(s.Name, func(t *testing.T) { strategytest.Run(t, s) })
	}
}

// TestBaseline: ratios, charts and words take write for what others are held
// against.
func TestBaseline(t *testing.T) {
	if b := strategies.Baseline(); b.Name != "write" || b.ZeroCopy {
		t.Errorf("the baseline is %s; it is the first of All", b.Name)
	}
}
