package meter

import "slices"

// PickFlowCPUs chooses a CPU for each of several senders, the one of PickSenderCPU
// first, then the last of those allowed whose cores have none yet, and the other
// threads of cores only when there are no more. It returns fewer where fewer are
// allowed.
func PickFlowCPUs(allowed []int, flows int) []int { return host.flowCPUs(allowed, flows) }

func (r root) flowCPUs(allowed []int, flows int) []int {
	var first, second []int // on a core of their own, beside another
	taken := map[string]bool{}
	for _, cpu := range slices.Backward(allowed) {
		core := r.siblings(cpu)
		if core != "" && taken[core] {
			second = append(second, cpu)
			continue
		}
		taken[core] = true
		first = append(first, cpu)
	}
	all := append(first, second...)
	return all[:min(flows, len(all))]
}
