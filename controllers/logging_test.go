package controllers_test

import (
	"os"

	"go.uber.org/zap/zapcore"
)

// zapLevel silences the operator's log unless VERBOSE is set: tests speak for themselves.
func zapLevel() zapcore.Level {
	if os.Getenv("VERBOSE") != "" {
		return zapcore.DebugLevel
	}
	return zapcore.FatalLevel
}
