package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// configuration is what the plugin is given as JSON.
type configuration struct {
	// Directives holds the lines of each set of directives, joined.
	Directives map[string]string
	// Default names the directives of requests that no authority claims; empty for none.
	Default string
	// PerAuthority names the directives of an authority.
	PerAuthority map[string]string
	MetricLabels map[string]string
}

// legacyName is what the older form's single list of rules is called.
const legacyName = "default"

func parseConfiguration(data []byte) (*configuration, error) {
	text := strings.TrimSpace(string(data))
	config := &configuration{Directives: map[string]string{}, PerAuthority: map[string]string{}, MetricLabels: map[string]string{}}
	if text == "" {
		return config, nil
	}
	if !gjson.Valid(text) {
		return nil, errors.New("it is no JSON")
	}
	document := gjson.Parse(text)

	document.Get("metric_labels").ForEach(func(key, value gjson.Result) bool {
		config.MetricLabels[key.String()] = value.String()
		return true
	})
	document.Get("directives_map").ForEach(func(key, value gjson.Result) bool {
		config.Directives[key.String()] = joinLines(value)
		return true
	})
	config.Default = document.Get("default_directives").String()

	// A configuration of the older form has one list of rules.
	if rules := document.Get("rules"); len(config.Directives) == 0 && rules.Exists() {
		config.Directives[legacyName] = joinLines(rules)
		config.Default = legacyName
	}
	if config.Default != "" {
		if _, ok := config.Directives[config.Default]; !ok {
			return nil, fmt.Errorf("default_directives names %q, which is not in directives_map", config.Default)
		}
	}
	var err error
	document.Get("per_authority_directives").ForEach(func(key, value gjson.Result) bool {
		name := value.String()
		if _, ok := config.Directives[name]; !ok {
			err = fmt.Errorf("per_authority_directives of %q names %q, which is not in directives_map", key.String(), name)
		}
		config.PerAuthority[key.String()] = name
		return err == nil
	})
	return config, err
}

func joinLines(list gjson.Result) string {
	var lines []string
	list.ForEach(func(_, value gjson.Result) bool {
		lines = append(lines, value.String())
		return true
	})
	return strings.Join(lines, "\n")
}
