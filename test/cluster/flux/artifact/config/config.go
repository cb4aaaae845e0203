// Package config holds the settings of the artifact storage.
package config

import (
	"os"
	"time"

	"github.com/spf13/pflag"
)

// Options of the artifact storage and the server in front of it.
type Options struct {
	// StoragePath is the folder artifacts are kept in.
	StoragePath string
	// StorageAddress is what the server listens on, StorageAdvAddress what others reach it at.
	StorageAddress, StorageAdvAddress string
	// ArtifactDigestAlgo names the algorithm of digests.
	ArtifactDigestAlgo string
	// ArtifactRetentionTTL and ArtifactRetentionRecords tell how long, and how many, old artifacts are kept.
	ArtifactRetentionTTL     time.Duration
	ArtifactRetentionRecords int
}

// BindFlags adds the flags that source-controller documents.
func (o *Options) BindFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.StoragePath, "storage-path", os.Getenv("STORAGE_PATH"), "The local storage path.")
	flags.StringVar(&o.StorageAddress, "storage-addr", or(os.Getenv("STORAGE_ADDR"), ":9090"), "The address the static file server binds to.")
	flags.StringVar(&o.StorageAdvAddress, "storage-adv-addr", os.Getenv("STORAGE_ADV_ADDR"), "The advertised address of the static file server.")
	flags.StringVar(&o.ArtifactDigestAlgo, "artifact-digest-algo", "sha256", "The algorithm to use to calculate the digest of artifacts.")
	flags.DurationVar(&o.ArtifactRetentionTTL, "artifact-retention-ttl", time.Minute, "How long artifacts are kept before garbage collection.")
	flags.IntVar(&o.ArtifactRetentionRecords, "artifact-retention-records", 2, "How many artifacts are kept after garbage collection.")
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
