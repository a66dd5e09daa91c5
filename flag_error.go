package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says in the command line's own terms what is wrong with a flag and
// what would be right.
func flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		bare    *pflag.ValueRequiredError
		value   *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		flag := "--" + unknown.GetSpecifiedName()
		if shorts := unknown.GetSpecifiedShortnames(); shorts != "" {
			flag = "-" + shorts
		}
		err = fmt.Errorf("there is no flag %s; %s --help lists them", flag, cmd.CommandPath())
	case errors.As(err, &bare):
		err = fmt.Errorf("--%s: it takes %s", bare.GetFlag().Name, takes(bare.GetFlag()))
	case errors.As(err, &value) && errors.Is(err, strconv.ErrRange):
		err = fmt.Errorf("--%s %s: the number is too large", value.GetFlag().Name, value.GetValue())
	case errors.As(err, &value):
		err = fmt.Errorf("--%s %s: it takes %s", value.GetFlag().Name, value.GetValue(), takes(value.GetFlag()))
	default:
		err = fmt.Errorf("%w; %s --help lists the flags", err, cmd.CommandPath())
	}
	return usageError{err}
}

// takes says what kind of value a flag has.
func takes(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "int", "uint64":
		return "a whole number"
	case "duration":
		return "a time with its unit, such as 25ms or 2m"
	case "bool":
		return "true or false, or nothing"
	case "stringSlice":
		return "values joined by commas, without quotation marks"
	}
	return "a value"
}
