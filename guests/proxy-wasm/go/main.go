// What the plugins of Envoy's world do with their host, one behaviour each, in one module: the plugin's configuration names the
// behaviour, and what stands after a colon is its argument. A reactor's main is never called, so the module registers itself in init.
package main

import (
	"strings"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() { proxywasm.SetVMContext(&vm{}) }

type vm struct{ types.DefaultVMContext }

// OnVMStart says what the VM was configured with, and sets the first value of what all VMs share.
func (*vm) OnVMStart(int) types.OnVMStartStatus {
	configuration, err := proxywasm.GetVMConfiguration()
	if err != nil && err != types.ErrorStatusNotFound {
		proxywasm.LogCriticalf("cannot read the VM's configuration: %v", err)
		return types.OnVMStartStatusFailed
	}
	proxywasm.LogInfof("vm: %s", configuration)
	if string(configuration) == "shared-data" {
		if err := proxywasm.SetSharedData("counter", nil, 0); err != nil {
			proxywasm.LogWarnf("cannot set shared data: %v", err)
		}
	}
	return types.OnVMStartStatusOK
}

func (*vm) NewPluginContext(id uint32) types.PluginContext { return &plugin{id: id} }

// plugin is a root with one behaviour.
type plugin struct {
	types.DefaultPluginContext
	id        uint32
	behaviour string
	argument  string
	ticks     uint64
	queue     uint32
	waiting   []uint32
}

// What a root does once it knows its configuration, beside what its streams do.
var starts = map[string]func(*plugin) error{
	"clock":           func(*plugin) error { return proxywasm.SetTickPeriodMilliSeconds(10) },
	"call-on-tick":    func(*plugin) error { return proxywasm.SetTickPeriodMilliSeconds(20) },
	"postpone":        func(*plugin) error { return proxywasm.SetTickPeriodMilliSeconds(20) },
	"foreign-on-tick": func(*plugin) error { return proxywasm.SetTickPeriodMilliSeconds(20) },
	"receive":         (*plugin).startReceiving,
}

var ticks = map[string]func(*plugin){
	"clock":           (*plugin).tellTime,
	"call-on-tick":    (*plugin).callOnTick,
	"postpone":        (*plugin).letGo,
	"foreign-on-tick": (*plugin).compressOnTick,
}

var httpContexts = map[string]func(*plugin, uint32) types.HttpContext{
	"headers":      func(*plugin, uint32) types.HttpContext { return &headers{} },
	"config":       func(p *plugin, _ uint32) types.HttpContext { return &configured{value: p.argument} },
	"set-body":     func(p *plugin, _ uint32) types.HttpContext { return &setBody{} },
	"echo-body":    func(*plugin, uint32) types.HttpContext { return &echoBody{} },
	"body-chunks":  func(*plugin, uint32) types.HttpContext { return &bodyChunks{} },
	"json":         func(*plugin, uint32) types.HttpContext { return &jsonValidation{} },
	"auth":         func(p *plugin, _ uint32) types.HttpContext { return &auth{cluster: p.argument} },
	"many-calls":   func(p *plugin, _ uint32) types.HttpContext { return &manyCalls{cluster: p.argument} },
	"postpone":     func(p *plugin, id uint32) types.HttpContext { return &postponed{plugin: p, id: id} },
	"routing":      func(p *plugin, _ uint32) types.HttpContext { return &routing{canary: p.argument} },
	"properties":   func(*plugin, uint32) types.HttpContext { return &properties{} },
	"shared-data":  func(*plugin, uint32) types.HttpContext { return &sharedData{} },
	"send":         func(p *plugin, _ uint32) types.HttpContext { return &sender{vmID: p.argument} },
	"metrics":      func(*plugin, uint32) types.HttpContext { return &metrics{} },
	"call-on-tick": func(*plugin, uint32) types.HttpContext { return &types.DefaultHttpContext{} },
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	configuration, err := proxywasm.GetPluginConfiguration()
	if err != nil && err != types.ErrorStatusNotFound {
		proxywasm.LogCriticalf("cannot read the configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	p.behaviour, p.argument, _ = strings.Cut(string(configuration), ":")
	proxywasm.LogInfof("plugin: %s", configuration)
	if start := starts[p.behaviour]; start != nil {
		if err := start(p); err != nil {
			proxywasm.LogCriticalf("cannot start %s: %v", p.behaviour, err)
			return types.OnPluginStartStatusFailed
		}
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) OnTick() {
	p.ticks++
	if tick := ticks[p.behaviour]; tick != nil {
		tick(p)
	}
}

func (p *plugin) NewHttpContext(id uint32) types.HttpContext {
	if make := httpContexts[p.behaviour]; make != nil {
		return make(p, id)
	}
	// The SDK takes a stream without a context of HTTP for a connection.
	return nil
}

func (p *plugin) NewTcpContext(uint32) types.TcpContext { return &connection{} }

// must tells of what should not have failed, in a way that no test overlooks.
func must(err error) {
	if err != nil {
		proxywasm.LogCriticalf("unexpected: %v", err)
	}
}
