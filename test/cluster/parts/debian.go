package parts

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// debianPackages returns a check that the packages are installed. As root on Debian it installs what is missing.
func debianPackages(names ...string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, out io.Writer) error {
		var missing []string
		for _, name := range names {
			state, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${db:Status-Status}", name).Output()
			if err != nil || string(state) != "installed" {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		list := strings.Join(missing, " ")
		if _, err := exec.LookPath("apt-get"); err != nil {
			return fmt.Errorf("this needs what Debian calls %s: install it with your distribution's package manager", list)
		}
		if os.Geteuid() != 0 {
			return fmt.Errorf("missing packages: run `apt-get install %s` as root", list)
		}
		fmt.Fprintf(out, "installing %s\n", list)
		return aptGet(ctx, missing)
	}
}

// aptGet installs packages, and fetches the package lists first if it has to.
func aptGet(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	install := append([]string{"install", "--yes", "--no-install-recommends"}, names...)
	if err := exec.CommandContext(ctx, "apt-get", install...).Run(); err == nil {
		return nil
	}
	for _, args := range [][]string{{"update"}, install} {
		if out, err := exec.CommandContext(ctx, "apt-get", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}
