package serving

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

const (
	// tokenBytes is how long a token may be.
	tokenBytes = headerBytes
	// leeway is how long ago a token may have expired that the API server is asked about: its clock may be another.
	leeway = 5 * time.Minute
)

// credible reports whether a token has the form of a JWT that has not expired. The tokens of ServiceAccounts have it, and those of OpenID
// Connect. About others the API server is not asked.
func credible(token string, now time.Time) bool {
	if len(token) > tokenBytes {
		return false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	var claims struct {
		Expires any `json:"exp"`
	}
	if !decoded(parts[0], &header) || header.Algorithm == "" || !decoded(parts[1], &claims) {
		return false
	}
	if signature, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil || len(signature) == 0 {
		return false
	}
	expires, is := claims.Expires.(float64) // in seconds; a token may be without it
	return !is || expires > float64(now.Add(-leeway).Unix())
}

// decoded reads a part of a JWT.
func decoded(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
