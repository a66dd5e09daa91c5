package nic

import "golang.org/x/sys/unix"

// ethtoolFamilies are the families of numbered settings that ethtool's ioctl
// reads and writes, in the order in which they are written.
var ethtoolFamilies = []struct {
	name string
	read func(*Device) (*table, error) // EOPNOTSUPP where the driver has none
}{
	{"ring", readRing},
	{"channels", readChannels},
	{"coalesce", readCoalesce},
}

// table is one of ethtool's structs as read from a device. Its fields point
// into the struct, so that one which is written back keeps all others.
type table struct {
	fields map[string]field
	store  func() error
}

type field struct {
	value *uint32
	most  *uint32 // 0 where the device hasn't the field; nil where the struct doesn't say
}

// numbers returns the fields that the device has.
func (t *table) numbers() map[string]number {
	has := map[string]number{}
	for name, f := range t.fields {
		switch {
		case f.most == nil:
			has[name] = number{value: int64(*f.value)}
		case *f.most > 0:
			has[name] = number{int64(*f.value), int64(*f.most)}
		}
	}
	return has
}

// write changes the named fields in one call.
func (t *table) write(wanted map[string]int64) error {
	for name, value := range wanted {
		f, ok := t.fields[name]
		if !ok {
			return unix.EOPNOTSUPP
		}
		*f.value = uint32(value)
	}
	return t.store()
}

// readRing reads struct ethtool_ringparam (include/uapi/linux/ethtool.h):
// descriptors in each ring.
func readRing(d *Device) (*table, error) {
	r, err := d.tool.GetRing(d.name)
	return &table{
		fields: map[string]field{
			"ring.rx":       {&r.RxPending, &r.RxMaxPending},
			"ring.rx-mini":  {&r.RxMiniPending, &r.RxMiniMaxPending},
			"ring.rx-jumbo": {&r.RxJumboPending, &r.RxJumboMaxPending},
			"ring.tx":       {&r.TxPending, &r.TxMaxPending},
		},
		store: func() error { _, err := d.tool.SetRing(d.name, r); return err },
	}, err
}

// readChannels reads struct ethtool_channels: queues of each kind.
func readChannels(d *Device) (*table, error) {
	c, err := d.tool.GetChannels(d.name)
	return &table{
		fields: map[string]field{
			"channels.rx":       {&c.RxCount, &c.MaxRx},
			"channels.tx":       {&c.TxCount, &c.MaxTx},
			"channels.other":    {&c.OtherCount, &c.MaxOther},
			"channels.combined": {&c.CombinedCount, &c.MaxCombined},
		},
		store: func() error { _, err := d.tool.SetChannels(d.name, c); return err },
	}, err
}

// readCoalesce reads struct ethtool_coalesce, which can't tell a field that the
// device hasn't from one that is 0.
func readCoalesce(d *Device) (*table, error) {
	c, err := d.tool.GetCoalesce(d.name)
	return &table{
		fields: map[string]field{
			"coalesce.adaptive-rx":       {value: &c.UseAdaptiveRxCoalesce},
			"coalesce.adaptive-tx":       {value: &c.UseAdaptiveTxCoalesce},
			"coalesce.stats-block-usecs": {value: &c.StatsBlockCoalesceUsecs},
			"coalesce.sample-interval":   {value: &c.RateSampleInterval},
			"coalesce.pkt-rate-low":      {value: &c.PktRateLow},
			"coalesce.pkt-rate-high":     {value: &c.PktRateHigh},
			"coalesce.rx-usecs":          {value: &c.RxCoalesceUsecs},
			"coalesce.rx-frames":         {value: &c.RxMaxCoalescedFrames},
			"coalesce.rx-usecs-irq":      {value: &c.RxCoalesceUsecsIrq},
			"coalesce.rx-frames-irq":     {value: &c.RxMaxCoalescedFramesIrq},
			"coalesce.tx-usecs":          {value: &c.TxCoalesceUsecs},
			"coalesce.tx-frames":         {value: &c.TxMaxCoalescedFrames},
			"coalesce.tx-usecs-irq":      {value: &c.TxCoalesceUsecsIrq},
			"coalesce.tx-frames-irq":     {value: &c.TxMaxCoalescedFramesIrq},
			"coalesce.rx-usecs-low":      {value: &c.RxCoalesceUsecsLow},
			"coalesce.rx-frames-low":     {value: &c.RxMaxCoalescedFramesLow},
			"coalesce.tx-usecs-low":      {value: &c.TxCoalesceUsecsLow},
			"coalesce.tx-frames-low":     {value: &c.TxMaxCoalescedFramesLow},
			"coalesce.rx-usecs-high":     {value: &c.RxCoalesceUsecsHigh},
			"coalesce.rx-frames-high":    {value: &c.RxMaxCoalescedFramesHigh},
			"coalesce.tx-usecs-high":     {value: &c.TxCoalesceUsecsHigh},
			"coalesce.tx-frames-high":    {value: &c.TxMaxCoalescedFramesHigh},
		},
		store: func() error { _, err := d.tool.SetCoalesce(d.name, c); return err },
	}, err
}
