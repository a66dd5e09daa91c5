//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sendbench/runner/nic"
)

// printNICs lists devices, a line each.
func printNICs(w io.Writer, overviews []nic.Overview) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "device\tdriver\tmtu\tlink\tnote")
	for _, o := range overviews {
		mtu := ""
		for _, k := range o.Settings {
			if k.Name == "mtu" {
				mtu = k.Value
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", o.Device, dash(o.Driver), mtu, upDown(o.Carrier), needsForce(o))
	}
	return table.Flush()
}

// printNIC prints a device with its settings, those that are fixed last.
func printNIC(w io.Writer, o nic.Overview) error {
	fmt.Fprintf(w, "%s: driver %s, link %s", o.Device, dash(o.Driver), upDown(o.Carrier))
	if o.Guarded != "" {
		fmt.Fprint(w, ", ", needsForce(o))
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "setting\tnow\trange\tnote")
	var fixed []string
	for _, k := range o.Settings {
		if k.Fixed && k.Note == "" {
			fixed = append(fixed, k.Name+"="+k.Value)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.Name, k.Value, knobRange(k), knobNote(k))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(fixed) > 0 {
		_, err := fmt.Fprintln(w, "fixed:", strings.Join(fixed, ", "))
		return err
	}
	return nil
}

func knobRange(k nic.Knob) string {
	switch {
	case k.Fixed:
		return "fixed"
	case k.Choices != nil:
		return strings.Join(k.Choices, ", ")
	case k.Least != nil && k.Most != nil:
		return fmt.Sprintf("%d to %d", *k.Least, *k.Most)
	case k.Least != nil:
		return fmt.Sprintf("%d or more", *k.Least)
	}
	return ""
}

func knobNote(k nic.Knob) string {
	var notes []string
	if len(k.Takes) > 0 {
		notes = append(notes, "off takes along "+strings.Join(k.Takes, ", "))
	}
	if k.Note != "" {
		notes = append(notes, k.Note)
	}
	return strings.Join(notes, "; ")
}

func needsForce(o nic.Overview) string {
	if o.Guarded == "" {
		return ""
	}
	return "changed only with --force: " + o.Guarded
}

func upDown(carrier bool) string {
	if carrier {
		return "up"
	}
	return "down"
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
