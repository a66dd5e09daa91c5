package meter

import (
	"slices"
	"testing"
)

// TestFlowCPUs: cores are taken before their second threads.
func TestFlowCPUs(t *testing.T) {
	const dir = "sys/devices/system/cpu/cpu"
	smt := machine(map[string]string{
		dir + "0/topology/thread_siblings_list": "0,2",
		dir + "1/topology/thread_siblings_list": "1,3",
		dir + "2/topology/thread_siblings_list": "0,2",
		dir + "3/topology/thread_siblings_list": "1,3",
	})
	for _, c := range []struct {
		allowed []int
		flows   int
		want    []int
	}{
		{[]int{0, 1, 2, 3}, 1, []int{3}},
		{[]int{0, 1, 2, 3}, 2, []int{3, 2}},
		{[]int{0, 1, 2, 3}, 4, []int{3, 2, 1, 0}},
		{[]int{1, 2, 3}, 3, []int{3, 2, 1}},
		{[]int{1, 3}, 2, []int{3, 1}},
		{[]int{0, 1, 3}, 2, []int{3, 0}},
		{[]int{7}, 2, []int{7}},
		{nil, 2, []int{}},
	} {
		if got := smt.flowCPUs(c.allowed, c.flows); !slices.Equal(got, c.want) {
			t.Errorf("%d flows on %v get %v, want %v", c.flows, c.allowed, got, c.want)
		}
	}
}
