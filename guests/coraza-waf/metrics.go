package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
)

// metrics counts transactions and what stopped them; labels stand in a metric's name, where Envoy's tag rules find them.
type metrics struct {
	counters map[string]proxywasm.MetricCounter
	labels   string
}

func newMetrics(labels map[string]string) *metrics {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	sort.Strings(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "_%s=%s", name, labels[name])
	}
	return &metrics{counters: map[string]proxywasm.MetricCounter{}, labels: text.String()}
}

func (m *metrics) count(name string) {
	counter, ok := m.counters[name]
	if !ok {
		counter = proxywasm.DefineCounterMetric(name)
		m.counters[name] = counter
	}
	counter.Increment(1)
}

func (m *metrics) transaction() { m.count("waf_filter.tx.total") }

func (m *metrics) interruption(phase string, ruleID int) {
	m.count(fmt.Sprintf("waf_filter.tx.interruptions_ruleid=%d_phase=%s%s", ruleID, phase, m.labels))
}
