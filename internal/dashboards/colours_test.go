package dashboards

import (
	"math"
	"strconv"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

type vector [3]float64

func times(m [3]vector, v vector) (product vector) {
	for i, row := range m {
		for j := range row {
			product[i] += row[j] * v[j]
		}
	}
	return product
}

// linear is a colour of three hexadecimal numbers as linear red, green and blue.
func linear(g Gomega, hex string) (rgb vector) {
	for i := range rgb {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		g.Expect(err).NotTo(HaveOccurred(), hex)
		rgb[i] = math.Pow((float64(n)/255+0.055)/1.055, 2.4)
	}
	return rgb
}

// seen is where the eye places a colour: its Oklab coordinates, whose distances are differences that people see.
func seen(rgb vector) vector {
	cones := times([3]vector{{0.4122, 0.5363, 0.0514}, {0.2119, 0.6807, 0.1074}, {0.0883, 0.2817, 0.63}}, rgb)
	for i := range cones {
		cones[i] = math.Cbrt(cones[i])
	}
	return times([3]vector{{0.2105, 0.7936, -0.0041}, {1.978, -2.4286, 0.4506}, {0.0259, 0.7828, -0.8087}}, cones)
}

// deuteranopia is a colour as people see it who lack the cones for green (Machado, Oliveira and Fernandes 2009).
func deuteranopia(rgb vector) vector {
	return times([3]vector{{0.3673, 0.8606, -0.228}, {0.2801, 0.6725, 0.0474}, {-0.0118, 0.0429, 0.9689}}, rgb)
}

func distance(a, b vector) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

func contrast(rgb vector, background float64) float64 {
	light := 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
	return (max(light, background) + 0.05) / (min(light, background) + 0.05)
}

func TestKindsDiffer(t *testing.T) {
	g := NewWithT(t)
	kinds := flux.Kinds()
	for i, a := range kinds {
		g.Expect(kindColours).To(HaveKey(a.Name))
		one := linear(g, kindColours[a.Name])
		g.Expect(contrast(one, 1)).To(BeNumerically(">", 2), "%s on white", a.Name)
		g.Expect(contrast(one, 0.01)).To(BeNumerically(">", 2.9), "%s on black", a.Name)
		for _, b := range kinds[:i] {
			if a.Role != b.Role {
				continue
			}
			other := linear(g, kindColours[b.Name])
			g.Expect(distance(seen(one), seen(other))).To(BeNumerically(">", 0.07), "%s, %s", a.Name, b.Name)
			g.Expect(distance(seen(deuteranopia(one)), seen(deuteranopia(other)))).To(BeNumerically(">", 0.07), "%s, %s", a.Name, b.Name)
		}
	}
}

// themes have the colours that judge, and those beside them, as Grafana's dark and light theme show them.
var themes = map[string]map[string]string{
	"dark":  {green: green, orange: "#FF9830", red: "#F2495C", darkRed: "#C4162A", blue: "#5794F2", grey: "#CCCCDC", plain: plain},
	"light": {green: green, orange: "#FF780A", red: "#E02F44", darkRed: "#AD0317", blue: "#3274D9", grey: "#24292E", plain: plain},
}

func TestJudgementsDiffer(t *testing.T) {
	g := NewWithT(t)
	for theme, colours := range themes {
		for a, one := range colours {
			for b, other := range colours {
				apart := distance(seen(deuteranopia(linear(g, one))), seen(deuteranopia(linear(g, other))))
				g.Expect(a == b || apart > 0.07).To(BeTrue(), "%s and %s are %.3f apart in the %s theme", a, b, apart, theme)
			}
		}
	}
}
