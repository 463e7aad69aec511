//go:build tools

// Package tools keeps k6 among the requirements of this module; nothing of it is compiled.
package tools

import _ "go.k6.io/k6/v2"
