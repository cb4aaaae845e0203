// Command sidecar loads dashboards as kiwigrid/k8s-sidecar does: it writes the files in ConfigMaps with a label into a folder, and has
// Grafana read them again. It lists the metadata of ConfigMaps each second, reads those that are new, and knows no Secrets.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/test/cluster/origin/api"
)

// sidecar is what the environment of the container says, by the names that kiwigrid/k8s-sidecar has for it.
type sidecar struct {
	api.API
	selector, namespaces, folder, annotation string
	reload, user, password                   string
	// read are the ConfigMaps that were read, by their resourceVersion.
	read map[string]configMap
}

func main() {
	cluster, err := api.InCluster()
	if err != nil {
		log.Fatal(err)
	}
	s := sidecar{
		cluster, selector(os.Getenv("LABEL"), os.Getenv("LABEL_VALUE")), os.Getenv("NAMESPACE"), os.Getenv("FOLDER"),
		os.Getenv("FOLDER_ANNOTATION"), os.Getenv("REQ_URL"), os.Getenv("REQ_USERNAME"), os.Getenv("REQ_PASSWORD"),
		nil,
	}
	pending := false
	for range time.Tick(time.Second) {
		changed, err := s.sync()
		if pending = pending || changed; pending && err == nil {
			err = s.request()
			pending = err != nil
		}
		if err != nil {
			log.Print(err)
		}
	}
}

// selector selects objects by a label, whatever its value is if none is given.
func selector(label, value string) string {
	if value == "" {
		return label
	}
	return label + "=" + value
}

// sync makes the folder as the ConfigMaps are, and reports whether a file changed.
func (s *sidecar) sync() (changed bool, err error) {
	wanted, err := s.wanted()
	if err != nil {
		return false, err
	}
	for path, content := range wanted {
		if now, err := os.ReadFile(path); err == nil && string(now) == content {
			continue
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if _, is := wanted[path]; is || err != nil || entry.IsDir() {
			return err
		}
		changed = true
		return os.Remove(path)
	})
}

// configMap is a ConfigMap, or the metadata of one.
type configMap struct {
	Metadata struct {
		Namespace, Name, ResourceVersion string
		Annotations                      map[string]string
	}
	Data map[string]string
}

// wanted are the contents of files by their paths: of each selected ConfigMap every key, in the folder that its annotation names.
func (s *sidecar) wanted() (map[string]string, error) {
	selected, err := s.selected()
	if err != nil {
		return nil, err
	}
	files, read := map[string]string{}, map[string]configMap{}
	for _, o := range selected {
		known := s.read[o.Metadata.ResourceVersion]
		if known.Metadata.Name == "" {
			if found, err := s.Get(&known, "/api/v1/namespaces/%s/configmaps/%s", o.Metadata.Namespace, o.Metadata.Name); err != nil {
				return nil, err
			} else if !found {
				continue
			}
		}
		read[known.Metadata.ResourceVersion] = known
		folder := known.Metadata.Annotations[s.annotation]
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(s.folder, folder)
		}
		for name, content := range known.Data {
			files[filepath.Join(folder, name)] = content
		}
	}
	s.read = read
	return files, nil
}

// selected is the metadata of the ConfigMaps that the label selects.
func (s *sidecar) selected() ([]configMap, error) {
	var all []configMap
	for namespace := range strings.SplitSeq(s.namespaces, ",") {
		path := "/api/v1/namespaces/" + namespace + "/configmaps"
		if namespace == "ALL" {
			path = "/api/v1/configmaps"
		}
		var list struct{ Items []configMap }
		if _, err := s.Metadata().Get(&list, "%s?labelSelector=%s", path, url.QueryEscape(s.selector)); err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

// request has Grafana read its dashboards again.
func (s *sidecar) request() error {
	request, err := http.NewRequest(http.MethodPost, s.reload, nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth(s.user, s.password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // It is not read.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("Grafana answers %s", response.Status) //nolint:staticcheck // It is a name.
	}
	return nil
}
