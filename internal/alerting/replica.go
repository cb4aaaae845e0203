package alerting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/ask"
)

const (
	// requestTime is how long one request may take, with the connection.
	requestTime = 10 * time.Second
	// maxAnswer is how many bytes of an answer are read: a configuration, or all metrics.
	maxAnswer = 16 << 20
	// maxReason is how many bytes of an error's text are shown.
	maxReason = 200
)

// Replica is one process of an Alertmanager.
type Replica struct {
	// Name for messages: a pod, or an address.
	Name string
	// Address, with the route prefix, without a user.
	Address *url.URL
	// Transport connects to it.
	Transport http.RoundTripper
	// User and Password of basic authentication. No message has them.
	User, Password string
}

// found is an alert as Alertmanager has it.
type found struct {
	Labels      map[string]string `json:"labels"`
	Fingerprint string            `json:"fingerprint"`
	Receivers   []struct {
		Name string `json:"name"`
	} `json:"receivers"`
	Status struct {
		State       string   `json:"state"`
		SilencedBy  []string `json:"silencedBy"`
		InhibitedBy []string `json:"inhibitedBy"`
	} `json:"status"`
}

// send has Alertmanager accept an alert.
func (r Replica) send(ctx context.Context, alert Alert) error {
	body, err := json.Marshal([]Alert{alert})
	if err != nil {
		return err
	}
	_, err = r.request(ctx, http.MethodPost, "api/v2/alerts", nil, body)
	return err
}

// alerts are those with all of these labels.
func (r Replica) alerts(ctx context.Context, labels map[string]string) ([]found, error) {
	query := url.Values{}
	for label, value := range labels {
		query.Add("filter", fmt.Sprintf("%s=%q", label, value))
	}
	answer, err := r.request(ctx, http.MethodGet, "api/v2/alerts", query, nil)
	if err != nil {
		return nil, err
	}
	var all []found
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, fmt.Errorf("its answer is not that of Alertmanager's API v2: %w", err)
	}
	return all, nil
}

// integrations are the kinds of notification that each receiver has, such as slack, by the configuration that Alertmanager runs with.
func (r Replica) integrations(ctx context.Context) (map[string][]string, error) {
	answer, err := r.request(ctx, http.MethodGet, "api/v2/status", nil, nil)
	if err != nil {
		return nil, err
	}
	all, err := ask.Integrations(bytes.NewReader(answer))
	if err != nil {
		return nil, errors.New("its configuration cannot be read")
	}
	return all, nil
}

// counts are those of all integrations.
func (r Replica) counts(ctx context.Context) (map[ask.Source]ask.Count, error) {
	answer, err := r.request(ctx, http.MethodGet, "metrics", nil, nil)
	if err != nil {
		return nil, err
	}
	all, err := ask.Counts(bytes.NewReader(answer))
	switch {
	case err != nil:
		return nil, errors.New("its metrics cannot be read")
	case len(all) == 0:
		return nil, errors.New("it has no metric " + ask.RequestsMetric)
	}
	return all, nil
}

// request sends a request, and returns the answer if it is a success. It follows no redirect, which could lead anywhere.
func (r Replica) request(ctx context.Context, method, path string, query url.Values, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	to := r.Address.JoinPath(path)
	to.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if r.User != "" {
		request.SetBasicAuth(r.User, r.Password)
	}
	response, err := r.Transport.RoundTrip(request)
	if err != nil {
		return nil, reason(err)
	}
	defer response.Body.Close() //nolint:errcheck // it is only read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch code := response.StatusCode; {
	case err != nil:
		return nil, reason(err)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return nil, fmt.Errorf("it answers %s: set --alertmanager-user, and the variable %s", response.Status, PasswordVariable)
	case code != http.StatusOK:
		return nil, fmt.Errorf("it answers %s: %s", response.Status, firstLine(string(answer)))
	}
	return answer, nil
}

// PasswordVariable is the environment variable with the password.
const PasswordVariable = "ALERTMANAGER_PASSWORD" //nolint:gosec // it is a name

// reason is why a request has no answer, in a few words.
func reason(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("it does not answer")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it closes the connection: check that Alertmanager runs and that the scheme is right")
	}
	return errors.New(firstLine(err.Error()))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line[:min(len(line), maxReason)]
}
