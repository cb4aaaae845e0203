package query

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestWhatAsksForAbsenceFiresOnNothing(t *testing.T) {
	for expr, want := range map[string]bool{
		`absent(up == 1)`: true, `up == 0 or absent_over_time(up[5m])`: true, `up == 0`: false, `absent > 0`: false, `sum(`: false,
	} {
		NewWithT(t).Expect(FiresOnNothing(expr)).To(Equal(want), expr)
	}
}
