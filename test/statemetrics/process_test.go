package statemetrics

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// process is a running kube-state-metrics, with a ConfigMap as the kubelet mounts it: files are links into a folder that is replaced at once.
type process struct {
	address, folder string
	configurations  int
}

// start starts kube-state-metrics with a configuration, as the account, until the test ends.
func start(t *testing.T, config *rest.Config, token string, configuration []byte) *process {
	t.Helper()
	folders, err := parts.Build(t.Context(), os.Stderr, "kube-state-metrics")
	must(t, err)
	p := &process{folder: t.TempDir()}
	p.configure(t, configuration)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(t, err)
	ports, err := cluster.FreePorts(2)
	must(t, err)
	port, telemetry := strconv.Itoa(ports[0]), strconv.Itoa(ports[1])
	p.address = net.JoinHostPort("127.0.0.1", port)
	cmd := exec.Command(filepath.Join(folders[0], "kube-state-metrics"),
		"--host=127.0.0.1", "--telemetry-host=127.0.0.1", "--port="+port, "--telemetry-port="+telemetry,
		"--kubeconfig="+kubeconfig(t, config, token),
		"--custom-resource-state-config-file="+filepath.Join(p.folder, "config.yaml"))
	cmd.Stdout, cmd.Stderr = log, log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
		if t.Failed() {
			content, _ := os.ReadFile(log.Name())
			t.Logf("the log of kube-state-metrics:\n%s", content[max(0, len(content)-8000):])
		}
	})
	return p
}

func kubeconfig(t *testing.T, config *rest.Config, token string) string {
	t.Helper()
	c := clientcmdapi.NewConfig()
	c.Clusters["c"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	c.AuthInfos["u"] = &clientcmdapi.AuthInfo{Token: token}
	c.Contexts["c"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	c.CurrentContext = "c"
	file := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, clientcmd.WriteToFile(*c, file))
	return file
}

// scrape is what kube-state-metrics exposes.
func (p *process) scrape(accept string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end, or of no use
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", response.Status)
	}
	return io.ReadAll(response.Body)
}

// configure replaces the configuration.
func (p *process) configure(t *testing.T, configuration []byte) {
	t.Helper()
	p.configurations++
	content := fmt.Sprintf("..%d", p.configurations)
	must(t, os.Mkdir(filepath.Join(p.folder, content), 0o755))
	must(t, os.WriteFile(filepath.Join(p.folder, content, "config.yaml"), configuration, 0o644))
	next, current := filepath.Join(p.folder, "..data_tmp"), filepath.Join(p.folder, "..data")
	must(t, os.Symlink(content, next))
	must(t, os.Rename(next, current))
	if p.configurations == 1 {
		must(t, os.Symlink(filepath.Join("..data", "config.yaml"), filepath.Join(p.folder, "config.yaml")))
	}
}
