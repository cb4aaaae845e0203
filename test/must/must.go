// Package must ends what a rig does at the first error, by a panic: a rig that fails half way has nothing to show, so that none of its
// functions needs to return errors. Try turns the panic into an error again.
package must

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// failure is the panic.
type failure struct {
	error
	at string
}

// Error names the line that failed.
func (f failure) Error() string { return f.at + ": " + f.error.Error() }

// Unwrap returns the error itself.
func (f failure) Unwrap() error { return f.error }

// Succeed panics if there is an error.
func Succeed(err error) { end(err) }

// Get returns a value, or panics if there is an error.
func Get[T any](value T, err error) T {
	end(err)
	return value
}

func end(err error) {
	if err == nil {
		return
	}
	_, file, line, _ := runtime.Caller(2) // the caller of Succeed or Get
	panic(failure{err, fmt.Sprintf("%s:%d", filepath.Base(file), line)})
}

// Try calls a function, and returns the error that ended it.
func Try(f func()) (err error) {
	defer func() {
		switch ended := recover().(type) {
		case nil:
		case failure:
			err = ended
		default:
			panic(ended)
		}
	}()
	f()
	return nil
}
