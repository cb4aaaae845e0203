package cli

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"
)

func TestYAMLIsDeterministic(t *testing.T) {
	value := map[string]any{
		"monitoring-5w9v5": "yes", "monitoring-6kh4q": "1", "monitoring-5abcd": "a\nb\n", "monitoring-5": 1.5, "monitoring-58xyz": int64(7),
		"monitoring-005": map[string]any{"5z": []any{"on", nil, true}, "58": map[string]any{}}, "flux-5w": "null",
	}
	g := NewWithT(t)
	text, err := encodeYAML(value)
	g.Expect(err).NotTo(HaveOccurred())
	for range 100 {
		again, err := encodeYAML(value)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(string(again)).To(Equal(string(text)))
	}
	read := map[string]any{}
	g.Expect(yaml.Unmarshal(text, &read)).To(Succeed())
	value["monitoring-58xyz"] = float64(7) // as JSON has it
	g.Expect(read).To(Equal(value))
}
