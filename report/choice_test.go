package report

import (
	"slices"
	"testing"

	"sendbench/runner/results"
)

// led is a lead of one strategy with an interval at each of some sizes.
func led(metric string, intervals map[int][2]float64) Lead {
	l := Lead{Strategies: []string{"zc"}}
	for _, size := range []int{64, 1400, 16384, 64000} {
		iv, ok := intervals[size]
		if !ok {
			continue
		}
		center := (iv[0] + iv[1]) / 2
		c := Claim{Metric: metric, Cell: results.Cell{Size: size, Strategy: "zc"}, Verdict: results.Faster, Ratio: Figure{Center: &center, Low: &iv[0], High: &iv[1]}}
		if l.FromBytes == 0 {
			l.FromBytes = size
		}
		l.ToBytes = size
		l.groups = append(l.groups, results.Group{Cell: results.Cell{Size: size}})
		l.Throughput, l.CPU = append(l.Throughput, c), append(l.CPU, c)
	}
	return l
}

// TestChoicesDontHideSizes: a row of the decision table is of sizes at which what the lead
// brings is alike; where intervals have nothing in common and lie far apart, rows part.
func TestChoicesDontHideSizes(t *testing.T) {
	alike := map[int][2]float64{16384: {1.2, 1.4}, 64000: {1.3, 1.5}}
	for _, tt := range []struct {
		name       string
		rate, cost map[int][2]float64
		want       []string // sizes
		amounts    []string // rates
	}{
		{"overlap", alike, alike, []string{"16 KiB to 64000 B"}, []string{"1.20 to 1.50"}},
		{"far apart", map[int][2]float64{16384: {1.18, 1.33}, 64000: {2.62, 3.10}}, alike, []string{"16 KiB", "64000 B"}, []string{"1.18 to 1.33", "2.62 to 3.10"}},
		{"apart, and close", map[int][2]float64{16384: {1.10, 1.12}, 64000: {1.14, 1.16}}, alike, []string{"16 KiB to 64000 B"}, []string{"1.10 to 1.16"}},
		{"only the cost", alike, map[int][2]float64{16384: {0.8, 0.9}, 64000: {0.3, 0.4}}, []string{"16 KiB", "64000 B"}, []string{"1.20 to 1.40", "1.30 to 1.50"}},
		{"three", map[int][2]float64{64: {1, 1.1}, 1400: {1.05, 1.2}, 16384: {1.6, 1.7}, 64000: {1.65, 1.8}}, map[int][2]float64{64: {0.9, 1}, 1400: {0.9, 1}, 16384: {0.9, 1}, 64000: {0.9, 1}},
			[]string{"64 to 1400 B", "16 KiB to 64000 B"}, []string{"1.00 to 1.20", "1.60 to 1.80"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := choices(SettingDecision{Buffers: []BufferDecision{{Name: "hot stamped",
				Throughput: []Lead{led(MetricThroughput, tt.rate)}, CPU: []Lead{led(MetricCPU, tt.cost)}}}}, "write")
			var sizes, amounts []string
			for i, r := range rows {
				sizes, amounts = append(sizes, r.Sizes), append(amounts, r.Fastest.Amount)
				if (r.Walk != "") != (i == 0) {
					t.Errorf("row %d is headed %q", i, r.Walk)
				}
			}
			if !slices.Equal(sizes, tt.want) || !slices.Equal(amounts, tt.amounts) {
				t.Errorf("rows of %q with %q, want %q with %q", sizes, amounts, tt.want, tt.amounts)
			}
		})
	}
}
