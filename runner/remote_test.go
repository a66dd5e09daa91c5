//go:build linux

package runner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBudgetWithin(t *testing.T) {
	const s = time.Second
	for _, c := range []struct{ budget, given, want time.Duration }{
		{120 * s, 0, 120 * s},
		{120 * s, 150 * s, 120 * s},
		{120 * s, 122 * s, 120 * s},
		{120 * s, 120 * s, 118 * s},
		{120 * s, 3 * s, s},
		{120 * s, 2 * s, 0},
	} {
		got, err := budgetWithin(c.budget, c.given)
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%v of %v: %v, %v; want %v", c.budget, c.given, got, err, c.want)
		}
	}
}

func TestDifferences(t *testing.T) {
	was := map[string]string{"mtu": "1500", "tx-scatter-gather": "on", "tx-tcp-segmentation": "on"}
	now := map[string]string{"mtu": "1500", "tx-scatter-gather": "off", "tx-tcp-segmentation": "off"}
	want := map[string]string{"tx-scatter-gather": "off", "tx-tcp-segmentation": "off"}
	if diff := cmp.Diff(want, differences(was, now)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := differences(was, was); len(diff) != 0 {
		t.Errorf("nothing was changed and %v is different", diff)
	}
}
