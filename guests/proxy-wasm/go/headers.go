package main

import (
	"math/rand/v2"
	"time"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func (p *plugin) tellTime() {
	proxywasm.LogInfof("tick %d: %s, %d", p.ticks, time.Now().UTC().Format(time.RFC3339Nano), rand.Uint64())
}

// headers reads, replaces, adds and removes, and says when the stream is over.
type headers struct{ types.DefaultHttpContext }

func (*headers) OnHttpRequestHeaders(int, bool) types.Action {
	must(proxywasm.ReplaceHttpRequestHeader("test", "best"))
	must(proxywasm.AddHttpRequestHeader("multi", "1"))
	must(proxywasm.AddHttpRequestHeader("multi", "2"))
	must(proxywasm.RemoveHttpRequestHeader("secret"))
	if path, err := proxywasm.GetHttpRequestHeader(":path"); err == nil && path == "/hello" {
		must(proxywasm.SendHttpResponse(200, [][2]string{{"hello", "world"}}, []byte("Hello, World!\n"), -1))
		return types.ActionPause
	}
	pairs, err := proxywasm.GetHttpRequestHeaders()
	must(err)
	for _, pair := range pairs {
		proxywasm.LogInfof("request header: %s: %s", pair[0], pair[1])
	}
	return types.ActionContinue
}

func (*headers) OnHttpResponseHeaders(int, bool) types.Action {
	must(proxywasm.AddHttpResponseHeader("x-proxy-wasm-go-sdk-example", "http_headers"))
	pairs, err := proxywasm.GetHttpResponseHeaders()
	must(err)
	for _, pair := range pairs {
		proxywasm.LogInfof("response header: %s: %s", pair[0], pair[1])
	}
	return types.ActionContinue
}

func (*headers) OnHttpStreamDone() { proxywasm.LogInfo("finished") }

// configured adds what the plugin was configured with to responses.
type configured struct {
	types.DefaultHttpContext
	value string
}

func (c *configured) OnHttpResponseHeaders(int, bool) types.Action {
	must(proxywasm.AddHttpResponseHeader("custom-header", c.value))
	return types.ActionContinue
}

// routing sends every other request elsewhere, by the name that routes are chosen by.
type routing struct {
	types.DefaultHttpContext
	canary string
}

func (c *routing) OnHttpRequestHeaders(int, bool) types.Action {
	if _, err := proxywasm.GetHttpRequestHeader("x-canary"); err == nil {
		must(proxywasm.ReplaceHttpRequestHeader(":authority", c.canary))
	}
	return types.ActionContinue
}

// properties lets requests pass that have the cookie which the route's metadata names.
type properties struct{ types.DefaultHttpContext }

func (*properties) OnHttpRequestHeaders(int, bool) types.Action {
	path := []string{"route_metadata", "filter_metadata", "envoy.filters.http.wasm", "auth"}
	name, err := proxywasm.GetProperty(path)
	if err == types.ErrorStatusNotFound {
		return types.ActionContinue
	}
	must(err)
	if _, err := proxywasm.GetHttpRequestHeader(string(name)); err == nil {
		return types.ActionContinue
	}
	must(proxywasm.SendHttpResponse(401, nil, []byte("no authentication header"), 16))
	return types.ActionPause
}
