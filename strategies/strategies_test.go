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
