package alertmanager

import (
	"strings"
	"testing"
	"time"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"

	"github.com/fluxmonitoring/operator/test/cost"
)

// The ceilings of reading a receiver in both versions: generous, and far below what a receiver that is a bomb would take.
const (
	mostAllocated = 4 << 20
	// eachByte is how many bytes each byte of a receiver may have allocated: an item of a list is as large as all that it might hold.
	eachByte = 4 << 10
	longest  = 5 * time.Second
)

// FuzzReceiver reads whatever a receiver may be, in both versions.
func FuzzReceiver(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"name":1}`, `{"name":"a","slackConfigs":[{"channel":"a","apiURL":{"name":"b","key":"c"}}]}`,
		`{"name":"a","emailConfigs":[` + strings.Repeat("{},", 1000) + `{}]}`,
		`{"name":"a",` + strings.Repeat(`"b":1,`, 1000) + `"c":1}`,
		`{"name":"a","b":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		`{"name":"a","slackConfigs":[{"text":"` + strings.Repeat(`\u0000`, 10000) + `"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Add(filled[monitoringv1alpha1.Receiver](f))
	f.Add(filled[monitoringv1beta1.Receiver](f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var newer, older error
		allocated, took := cost.Of(func() {
			_, newer = Receiver(raw)
			_, older = OlderReceiver(raw)
		})
		if allocated > mostAllocated+eachByte*uint64(len(raw)) {
			t.Errorf("%d bytes are allocated for %d: %.1000s", allocated, len(raw), raw)
		}
		if took > longest {
			t.Errorf("%d bytes take %s: %.1000s", len(raw), took, raw)
		}
		for _, err := range []error{newer, older} {
			if err != nil && len(err.Error()) > mostAllocated {
				t.Errorf("the error has %d bytes for %d", len(err.Error()), len(raw))
			}
		}
	})
}
