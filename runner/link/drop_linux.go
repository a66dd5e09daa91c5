package link

import (
	"errors"
	"fmt"
	"os"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// dropAll makes the kernel free every frame that a device receives, before any
// protocol sees it: a chain on the ingress hook, see nft(8). Frames end there
// without a copy, unlike those that reach a receiver or a packet socket.
// The returned function takes the rule away.
func dropAll(device string) (undo func() error, err error) {
	rules, err := nftables.New()
	if err != nil {
		return nil, fmt.Errorf("link: open an nftables socket: %w", err)
	}
	table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyNetdev, Name: "sendbench-" + device})
	chain := rules.AddChain(&nftables.Chain{
		Name:     "sink",
		Table:    table,
		Type:     nftables.ChainTypeFilter,
		Hooknum:  nftables.ChainHookIngress,
		Priority: nftables.ChainPriorityFilter,
		Device:   device,
	})
	rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
		&expr.Counter{},
		&expr.Verdict{Kind: expr.VerdictDrop},
	}})
	if err := rules.Flush(); err != nil {
		if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EPROTONOSUPPORT) || errors.Is(err, unix.ENOENT) {
			return nil, fmt.Errorf("link: the sink needs nftables' netdev family (CONFIG_NF_TABLES_NETDEV); take the link pair instead: %w", os.NewSyscallError("netlink", err))
		}
		return nil, fmt.Errorf("link: set the drop rule on %s: %w", device, os.NewSyscallError("netlink", err))
	}
	return func() error {
		rules.DelTable(table)
		if err := rules.Flush(); err != nil {
			return fmt.Errorf("link: take the drop rule off %s: %w", device, os.NewSyscallError("netlink", err))
		}
		return nil
	}, nil
}
