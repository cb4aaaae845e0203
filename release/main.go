// Command release makes what a release of the operator consists of, without a registry, a container engine and a shell:
//
//	go run -C release . dist --version v0.1.0
//
// It is a module of its own, so that the operator's does not depend on libraries for images and SBOMs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/changelog"
	"github.com/fluxmonitoring/operator/release/dist"
	"github.com/fluxmonitoring/operator/release/install"
	"github.com/fluxmonitoring/operator/release/plugin"
)

const usage = `release makes what a release of the operator consists of.

Usage:
  go run -C release . dist  --version v0.1.0   write binaries, image, manifests, the plugin of kubectl, SBOMs
                                               and checksums; fails for a release, such as v0.1.0,
                                               where the manifests are of another version
  go run -C release . notes --version v0.1.0   print what CHANGELOG.md says of a version; fails where it says nothing

Times come from SOURCE_DATE_EPOCH, or from the commit that is checked out.

Flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run does what the arguments say: the verb first, then flags.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	release := dist.Release{}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(progress)
	flags.Usage = func() {
		_, _ = io.WriteString(progress, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&release.Version, "version", "", "version to make, such as v0.1.0")
	flags.StringVar(&release.Image, "image", install.Image, "name of the image, without a tag")
	flags.StringVar(&release.Checkout, "checkout", "..", "folder of the operator's sources, relative to the folder release")
	flags.StringVar(&release.Out, "out", "dist", "folder to write to, relative to the checkout")
	flags.StringVar(&release.Source, "source", "https://github.com/fluxmonitoring/operator", "address of the repository")
	plugins := flags.String("plugins", strings.Join(names(plugin.Platforms()), ","), "platforms to make the plugin of kubectl for, separated by commas")
	verb, rest := verb(args)
	if err := flags.Parse(rest); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q, see --help", flags.Arg(0))
	}
	if release.Version == "" {
		return errors.New("which version? Say --version v0.1.0")
	}
	var err error
	if release.Plugins, err = chosen(*plugins); err != nil {
		return err
	}
	switch verb {
	case "dist":
		return write(ctx, release, progress)
	case "notes":
		return notes(release, out)
	default:
		return fmt.Errorf("unknown verb %q, see --help", verb)
	}
}

func names(platforms []binary.Platform) (all []string) {
	for _, platform := range platforms {
		all = append(all, platform.String())
	}
	return all
}

// chosen are the platforms of the plugin that a list names.
func chosen(list string) (platforms []binary.Platform, err error) {
	known := plugin.Platforms()
	for name := range strings.SplitSeq(list, ",") {
		at := slices.Index(names(known), name)
		switch {
		case at >= 0:
			platforms = append(platforms, known[at])
		case name != "":
			return nil, fmt.Errorf("the plugin of kubectl is not made for %q, but for %s", name, strings.Join(names(known), ", "))
		}
	}
	return platforms, nil
}

// verb splits the arguments into the verb and what follows. Without a verb the flags may ask for help.
func verb(args []string) (string, []string) {
	if len(args) == 0 {
		return "", []string{"--help"}
	}
	if args[0][:min(1, len(args[0]))] == "-" {
		return "", args
	}
	return args[0], args[1:]
}

func write(ctx context.Context, release dist.Release, progress io.Writer) error {
	commit, err := head(ctx, release.Checkout, os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return err
	}
	release.Revision, release.Created = commit.revision, commit.time
	if !filepath.IsAbs(release.Out) {
		release.Out = filepath.Join(release.Checkout, release.Out)
	}
	return release.Write(ctx, progress)
}

func notes(release dist.Release, out io.Writer) error {
	content, err := os.ReadFile(filepath.Join(release.Checkout, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	text, err := changelog.Notes(string(content), release.Version)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}
