package control

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

const (
	// MinSecret is the least length of a secret in bytes.
	MinSecret = 16
	// maxSecret bounds what is read of a file that is no secret.
	maxSecret = 4096
)

// NewSecret makes a secret of 26 printable characters, 130 random bits.
func NewSecret() []byte { return []byte(rand.Text()) }

// WriteSecret makes a file for a secret that its owner alone can read. It doesn't
// touch one that exists: the error is then fs.ErrExist.
func WriteSecret(path string, secret []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("control: write the secret: %w", err)
	}
	_, err = fmt.Fprintf(file, "%s\n", secret)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("control: write the secret: %w", err), os.Remove(path))
	}
	return nil
}

// ReadSecret reads a secret from a file; white space around it isn't part of it.
// The warning is not empty where others than the file's owner may read it.
func ReadSecret(path string) (secret []byte, warning string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("control: read the secret: %w", err)
	}
	defer file.Close()
	secret, err = io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return nil, "", fmt.Errorf("control: read the secret: %w", err)
	}
	if len(secret) > maxSecret {
		return nil, "", fmt.Errorf("control: %s is longer than %d bytes: it takes a file with a secret and nothing else", path, maxSecret)
	}
	secret = bytes.TrimSpace(secret)
	if err := checkSecret(secret); err != nil {
		return nil, "", fmt.Errorf("%w (%s)", err, path)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, "", fmt.Errorf("control: read the secret: %w", err)
	}
	// Windows keeps no such modes.
	if mode := info.Mode(); mode.IsRegular() && mode.Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		warning = fmt.Sprintf("%s has mode %04o, so others may read the secret: chmod 600 %s", path, mode.Perm(), path)
	}
	return secret, warning, nil
}

func checkSecret(secret []byte) error {
	if len(secret) < MinSecret {
		return fmt.Errorf("control: a secret of %d bytes can be guessed: it takes at least %d, such as sendbench recv makes", len(secret), MinSecret)
	}
	return nil
}
