package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// A body's whole, as the SDK asks for it.
const all = 0x7fffffff

// setBody changes a body as the header `x-how` says, in the direction that `x-where` names. What it does to a request needs to know
// how long that is.
type setBody struct {
	types.DefaultHttpContext
	how   string
	where string
	total int
}

func (c *setBody) OnHttpRequestHeaders(int, bool) types.Action {
	if _, err := proxywasm.GetHttpRequestHeader("content-length"); err != nil {
		must(proxywasm.SendHttpResponse(400, nil, []byte("content must be provided"), -1))
		return types.ActionPause
	}
	must(proxywasm.RemoveHttpRequestHeader("content-length"))
	c.how, _ = proxywasm.GetHttpRequestHeader("x-how")
	c.where, _ = proxywasm.GetHttpRequestHeader("x-where")
	return types.ActionContinue
}

func (c *setBody) OnHttpRequestBody(size int, end bool) types.Action {
	if c.where != "request" {
		return types.ActionContinue
	}
	if !end {
		return types.ActionPause
	}
	body, err := proxywasm.GetHttpRequestBody(0, size)
	must(err)
	proxywasm.LogInfof("request body: %s", body)
	must(map[string]func([]byte) error{
		"append":  proxywasm.AppendHttpRequestBody,
		"prepend": proxywasm.PrependHttpRequestBody,
		"replace": proxywasm.ReplaceHttpRequestBody,
	}[c.how]([]byte("[this is " + c.how + "]")))
	return types.ActionContinue
}

func (c *setBody) OnHttpResponseHeaders(int, bool) types.Action {
	if c.where == "response" {
		must(proxywasm.RemoveHttpResponseHeader("content-length"))
	}
	return types.ActionContinue
}

func (c *setBody) OnHttpResponseBody(size int, end bool) types.Action {
	if c.where != "response" {
		return types.ActionContinue
	}
	if !end {
		return types.ActionPause
	}
	must(map[string]func([]byte) error{
		"append":  proxywasm.AppendHttpResponseBody,
		"prepend": proxywasm.PrependHttpResponseBody,
		"replace": proxywasm.ReplaceHttpResponseBody,
	}[c.how]([]byte("[this is " + c.how + "]")))
	return types.ActionContinue
}

// echoBody answers with what it was sent.
type echoBody struct{ types.DefaultHttpContext }

func (*echoBody) OnHttpRequestBody(size int, end bool) types.Action {
	if end {
		body, err := proxywasm.GetHttpRequestBody(0, size)
		must(err)
		must(proxywasm.SendHttpResponse(200, [][2]string{{"x-length", strconv.Itoa(size)}}, body, -1))
	}
	return types.ActionPause
}

// bodyChunks reads a body as it grows, each part of it once, and refuses it as soon as one part has what it looks for.
type bodyChunks struct {
	types.DefaultHttpContext
	read int
}

func (c *bodyChunks) OnHttpRequestBody(size int, end bool) types.Action {
	if size > c.read {
		chunk, err := proxywasm.GetHttpRequestBody(c.read, size-c.read)
		must(err)
		proxywasm.LogInfof("read %d at %d", len(chunk), c.read)
		c.read += len(chunk)
		if strings.Contains(string(chunk), "pattern") {
			must(proxywasm.SendHttpResponse(403, [][2]string{{"powered-by", "proxy-wasm-go-sdk"}}, nil, -1))
			return types.ActionPause
		}
	}
	if end {
		return types.ActionContinue
	}
	return types.ActionPause
}

// jsonValidation lets only JSON objects with an id and a token pass.
type jsonValidation struct{ types.DefaultHttpContext }

func (*jsonValidation) OnHttpRequestHeaders(int, bool) types.Action {
	if kind, err := proxywasm.GetHttpRequestHeader("content-type"); err != nil || kind != "application/json" {
		must(proxywasm.SendHttpResponse(403, nil, []byte("content-type must be provided"), -1))
		return types.ActionPause
	}
	return types.ActionContinue
}

func (*jsonValidation) OnHttpRequestBody(size int, end bool) types.Action {
	if !end {
		return types.ActionPause
	}
	body, err := proxywasm.GetHttpRequestBody(0, all)
	must(err)
	var value map[string]any
	if json.Unmarshal(body, &value) != nil || value["id"] == nil || value["token"] == nil {
		must(proxywasm.SendHttpResponse(403, nil, []byte("invalid payload"), -1))
		return types.ActionPause
	}
	return types.ActionContinue
}
