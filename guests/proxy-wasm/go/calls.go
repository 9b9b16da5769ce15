package main

import (
	"bytes"
	"compress/zlib"
	"hash/fnv"
	"io"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func get(path string) [][2]string {
	return [][2]string{{":method", "GET"}, {":path", path}, {":authority", "plugin"}, {"accept", "*/*"}}
}

// auth asks a server, and lets a request pass when the hash of what that answers is even.
type auth struct {
	types.DefaultHttpContext
	cluster string
}

func (c *auth) OnHttpRequestHeaders(int, bool) types.Action {
	path, err := proxywasm.GetHttpRequestHeader(":path")
	must(err)
	if _, err := proxywasm.DispatchHttpCall(c.cluster, get(path), nil, nil, 5000, c.answered); err != nil {
		proxywasm.LogCriticalf("unexpected: %v", err)
		return types.ActionContinue
	}
	return types.ActionPause
}

func (c *auth) answered(_, size, _ int) {
	headers, err := proxywasm.GetHttpCallResponseHeaders()
	must(err)
	for _, pair := range headers {
		if pair[0] == ":status" {
			proxywasm.LogInfof("auth: status %s", pair[1])
		}
	}
	body, err := proxywasm.GetHttpCallResponseBody(0, size)
	must(err)
	hash := fnv.New32a()
	_, _ = hash.Write(body)
	if hash.Sum32()%2 == 0 {
		must(proxywasm.ResumeHttpRequest())
		return
	}
	must(proxywasm.SendHttpResponse(403, [][2]string{{"powered-by", "proxy-wasm-go-sdk"}}, []byte("access forbidden"), -1))
}

// callOnTick asks a server now and then, and says what it has answered, trailers too.
func (p *plugin) callOnTick() {
	path := "/ok"
	if p.ticks%2 == 0 {
		path = "/fail"
	}
	count := p.ticks
	_, err := proxywasm.DispatchHttpCall(p.argument, get(path), nil, nil, 5000, func(headers, _, trailers int) {
		status := "none"
		if headers > 0 {
			pairs, err := proxywasm.GetHttpCallResponseHeaders()
			must(err)
			for _, pair := range pairs {
				if pair[0] == ":status" {
					status = pair[1]
				}
			}
		}
		sum := ""
		if trailers > 0 {
			pairs, err := proxywasm.GetHttpCallResponseTrailers()
			must(err)
			sum = pairs[0][0] + "=" + pairs[0][1]
		}
		proxywasm.LogInfof("root %d, call %d: %s %s", p.id, count, status, sum)
	})
	must(err)
}

const calls = 10

// manyCalls asks a server ten times at once before it lets a response pass.
type manyCalls struct {
	types.DefaultHttpContext
	cluster string
	pending int
}

func (c *manyCalls) OnHttpResponseHeaders(int, bool) types.Action {
	c.pending = calls
	for range calls {
		if _, err := proxywasm.DispatchHttpCall(c.cluster, get("/"), nil, nil, 5000, c.answered); err != nil {
			proxywasm.LogCriticalf("unexpected: %v", err)
			return types.ActionContinue
		}
	}
	return types.ActionPause
}

func (c *manyCalls) answered(int, int, int) {
	if c.pending--; c.pending == 0 {
		must(proxywasm.AddHttpResponseHeader("total-dispatched", "10"))
		must(proxywasm.ResumeHttpResponse())
	}
}

// postponed waits for its root's clock.
type postponed struct {
	types.DefaultHttpContext
	plugin *plugin
	id     uint32
}

func (c *postponed) OnHttpRequestHeaders(int, bool) types.Action {
	c.plugin.waiting = append(c.plugin.waiting, c.id)
	return types.ActionPause
}

func (p *plugin) letGo() {
	for _, id := range p.waiting {
		must(proxywasm.SetEffectiveContext(id))
		must(proxywasm.ResumeHttpRequest())
	}
	p.waiting = nil
}

// compressOnTick has the host compress, and looks whether that was right.
func (p *plugin) compressOnTick() {
	text := []byte("hello hello hello hello")
	compressed, err := proxywasm.CallForeignFunction("compress", text)
	must(err)
	reader, err := zlib.NewReader(bytes.NewReader(compressed))
	must(err)
	back, err := io.ReadAll(reader)
	must(err)
	proxywasm.LogInfof("compressed: %t", bytes.Equal(back, text))
	if _, err := proxywasm.CallForeignFunction("nobody-has-this", nil); err != types.ErrorStatusNotFound {
		proxywasm.LogCriticalf("unexpected: %v", err)
	}
}
