//go:build linux

package main

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// drop has the host drop packets at a hook of IPv4, of which the rule tells which.
func (h *host) drop(hook *nftables.ChainHook, rule ...expr.Any) {
	h.t.Helper()
	rules, err := nftables.New(nftables.WithNetNSFd(int(h.ns.Fd())))
	h.must(err)
	table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "losses"})
	chain := rules.AddChain(&nftables.Chain{
		Name: "losses", Table: table, Type: nftables.ChainTypeFilter, Hooknum: hook, Priority: nftables.ChainPriorityFilter,
	})
	rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: append(rule, &expr.Verdict{Kind: expr.VerdictDrop})})
	h.must(rules.Flush())
	h.mend = func() {
		h.t.Helper()
		rules.DelTable(table)
		h.must(rules.Flush())
	}
}

// protocol tells packets of a protocol above IP.
func protocol(number byte) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{number}},
	}
}

// everyFourth tells UDP packets that begin a message whose number is divisible by four.
func everyFourth() []expr.Any {
	return append(protocol(unix.IPPROTO_UDP),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 8, Len: 1}, // the stamp's lowest byte
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{3}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0}},
	)
}
