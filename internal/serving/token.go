package serving

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

const (
	// maxTokenBytes bounds the length of a token.
	maxTokenBytes = maxHeaderBytes
	// clockSkew is how long ago a token can have expired and is still reviewed.
	clockSkew = 5 * time.Minute
)

// isPlausibleToken reports whether a token is a JWT that has not expired, as tokens of ServiceAccounts and of OpenID
// Connect are. Others are rejected without a review.
func isPlausibleToken(token string, now time.Time) bool {
	if len(token) > maxTokenBytes {
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
	if !decodeSegment(parts[0], &header) || header.Algorithm == "" || !decodeSegment(parts[1], &claims) {
		return false
	}
	if signature, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil || len(signature) == 0 {
		return false
	}
	expires, is := claims.Expires.(float64) // in seconds; a token may be without it
	return !is || expires > float64(now.Add(-clockSkew).Unix())
}

// decodeSegment decodes a segment of a JWT.
func decodeSegment(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
