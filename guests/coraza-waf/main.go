// Coraza, a web application firewall, as a proxy-wasm plugin: it reads the configuration that coraza-proxy-wasm reads, and has the
// OWASP Core Rule Set built in. A reactor's main is never called, so the plugin registers itself in init.
package main

import (
	"github.com/corazawaf/coraza/v3"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetPluginContext(func(uint32) types.PluginContext { return &plugin{} })
}

// plugin is one configuration: a firewall for each set of directives that some authority uses.
type plugin struct {
	types.DefaultPluginContext
	firewalls   map[string]coraza.WAF
	byAuthority map[string]coraza.WAF
	fallback    coraza.WAF
	metrics     *metrics
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	data, err := proxywasm.GetPluginConfiguration()
	if err != nil && err != types.ErrorStatusNotFound {
		proxywasm.LogCriticalf("cannot read the configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	config, err := parseConfiguration(data)
	if err != nil {
		proxywasm.LogCriticalf("bad configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	p.metrics = newMetrics(config.MetricLabels)
	p.firewalls = map[string]coraza.WAF{}
	p.byAuthority = map[string]coraza.WAF{}
	if config.Default != "" {
		if p.fallback, err = p.firewall(config, config.Default); err != nil {
			proxywasm.LogCriticalf("bad directives %q: %v", config.Default, err)
			return types.OnPluginStartStatusFailed
		}
	}
	for authority, name := range config.PerAuthority {
		waf, err := p.firewall(config, name)
		if err != nil {
			proxywasm.LogCriticalf("bad directives %q: %v", name, err)
			return types.OnPluginStartStatusFailed
		}
		p.byAuthority[authority] = waf
	}
	return types.OnPluginStartStatusOK
}

// firewall makes the firewall of a set of directives, once.
func (p *plugin) firewall(config *configuration, name string) (coraza.WAF, error) {
	if waf, ok := p.firewalls[name]; ok {
		return waf, nil
	}
	waf, err := newFirewall(config.Directives[name])
	if err != nil {
		return nil, err
	}
	p.firewalls[name] = waf
	return waf, nil
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext {
	return &stream{plugin: p}
}
