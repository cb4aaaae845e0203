package v1alpha1

import (
	"time"

	"github.com/prometheus/common/model"
)

// Duration is a length of time in Prometheus' own grammar, such as 90s, 15m or 1d12h. It has whole numbers with the units y, w, d, h, m, s
// and ms, the largest unit first; or it is 0. Every duration of the API has this type. The numbers are bounded so that none overflows.
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:XValidation:rule="self.matches('^(0|([0-9]{1,2}y)?([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?([0-9]{1,9}ms)?)$') && size(self) > 0",message="must be a duration such as 90s, 15m or 1d12h: whole numbers with the units y, w, d, h, m, s and ms, the largest unit first"
type Duration string

// Parse is the length of time. It is 0 with an error when d is not in Prometheus' grammar, which the CRD refuses, or empty.
func (d Duration) Parse() (time.Duration, error) {
	parsed, err := model.ParseDuration(string(d))
	return time.Duration(parsed), err
}
