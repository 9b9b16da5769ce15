package main

import (
	"bytes"
	"encoding/binary"
	"net"
	"strconv"
	"strings"

	"github.com/corazawaf/coraza/v3"
	coraza_types "github.com/corazawaf/coraza/v3/types"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// The phases' names in metrics.
const (
	requestHeaders  = "http_request_headers"
	requestBody     = "http_request_body"
	responseHeaders = "http_response_headers"
	responseBody    = "http_response_body"
)

// stream is one request and its response.
type stream struct {
	types.DefaultHttpContext
	plugin *plugin
	tx     coraza_types.Transaction
	proto  string

	// How much of each body the firewall has been given.
	requestRead, responseRead int
	// Whether the firewall has judged each body.
	requestJudged, responseJudged bool
	// The phase in which the stream was stopped; empty while it goes on.
	stopped string
}

func (s *stream) firewall(authority string) coraza.WAF {
	if waf, ok := s.plugin.byAuthority[authority]; ok {
		return waf
	}
	return s.plugin.fallback
}

func (s *stream) OnHttpRequestHeaders(_ int, endOfStream bool) types.Action {
	authority, err := proxywasm.GetHttpRequestHeader(":authority")
	hasHost := err == nil
	if !hasHost {
		authority = text("request", "host")
		hasHost = authority != ""
	}
	waf := s.firewall(authority)
	if waf == nil {
		return types.ActionContinue
	}
	s.tx = waf.NewTransaction()
	s.plugin.metrics.transaction()
	if s.tx.IsRuleEngineOff() {
		return types.ActionContinue
	}

	client, clientPort := address("source")
	server, serverPort := address("destination")
	s.tx.ProcessConnection(client, clientPort, server, serverPort)

	method := header(":method", "request", "method")
	uri := header(":path", "request", "path")
	if method == "CONNECT" {
		uri = authority
	}
	s.proto = text("request", "protocol")
	if s.proto == "" {
		s.proto = "HTTP/2.0"
	}
	s.tx.ProcessURI(uri, method, s.proto)

	headers, err := proxywasm.GetHttpRequestHeaders()
	if err != nil && err != types.ErrorStatusNotFound {
		proxywasm.LogErrorf("cannot read the request's headers: %v", err)
		return types.ActionContinue
	}
	for _, pair := range headers {
		// Rules would take a pseudo-header for a header that the client has written, and find in it what they have found in the URI.
		if !strings.HasPrefix(pair[0], ":") {
			s.tx.AddRequestHeader(pair[0], pair[1])
		}
	}
	if hasHost {
		s.tx.AddRequestHeader("Host", authority)
		name := authority
		if host, _, err := net.SplitHostPort(authority); err == nil {
			name = host
		}
		s.tx.SetServerName(name)
	}
	if interruption := s.tx.ProcessRequestHeaders(); interruption != nil {
		return s.deny(requestHeaders, interruption)
	}
	if endOfStream {
		return s.judgeRequest()
	}
	return types.ActionContinue
}

func (s *stream) OnHttpRequestBody(size int, endOfStream bool) types.Action {
	if s.stopped != "" {
		return types.ActionPause
	}
	if s.tx == nil || s.tx.IsRuleEngineOff() || s.requestJudged {
		return types.ActionContinue
	}
	if !s.tx.IsRequestBodyAccessible() {
		return s.judgeRequest()
	}
	if size > s.requestRead {
		chunk, err := proxywasm.GetHttpRequestBody(s.requestRead, size-s.requestRead)
		if err != nil {
			proxywasm.LogErrorf("cannot read the request's body: %v", err)
			return types.ActionContinue
		}
		interruption, written, err := s.tx.WriteRequestBody(chunk)
		if err != nil {
			proxywasm.LogErrorf("cannot take the request's body: %v", err)
			return types.ActionContinue
		}
		if interruption != nil {
			return s.deny(requestBody, interruption)
		}
		s.requestRead += len(chunk)
		if written < len(chunk) {
			// The limit was reached with a part: what the firewall wants to see it has seen.
			return s.judgeRequest()
		}
	}
	if endOfStream {
		return s.judgeRequest()
	}
	return types.ActionPause
}

func (s *stream) OnHttpRequestTrailers(int) types.Action {
	// With trailers there is no body callback that is the last.
	if s.stopped != "" {
		return types.ActionPause
	}
	return s.judgeRequest()
}

func (s *stream) judgeRequest() types.Action {
	if s.tx == nil || s.requestJudged || s.tx.IsRuleEngineOff() {
		return types.ActionContinue
	}
	s.requestJudged = true
	interruption, err := s.tx.ProcessRequestBody()
	if err != nil {
		proxywasm.LogErrorf("cannot judge the request's body: %v", err)
		return types.ActionContinue
	}
	if interruption != nil {
		return s.deny(requestBody, interruption)
	}
	return types.ActionContinue
}

func (s *stream) OnHttpResponseHeaders(_ int, endOfStream bool) types.Action {
	// The answer that the firewall has given itself passes by here too.
	if s.tx == nil || s.tx.IsRuleEngineOff() || s.stopped != "" {
		return types.ActionContinue
	}
	// A server may answer before it has read the request, and then nobody else judges that.
	if action := s.judgeRequest(); action != types.ActionContinue {
		return action
	}
	code, err := strconv.Atoi(header(":status"))
	if err != nil {
		if bytes, err := proxywasm.GetProperty([]string{"response", "code"}); err == nil && len(bytes) == 8 {
			code = int(binary.LittleEndian.Uint64(bytes))
		}
	}
	headers, err := proxywasm.GetHttpResponseHeaders()
	if err != nil && err != types.ErrorStatusNotFound {
		proxywasm.LogErrorf("cannot read the response's headers: %v", err)
		return types.ActionContinue
	}
	for _, pair := range headers {
		if !strings.HasPrefix(pair[0], ":") {
			s.tx.AddResponseHeader(pair[0], pair[1])
		}
	}
	if interruption := s.tx.ProcessResponseHeaders(code, s.proto); interruption != nil {
		return s.deny(responseHeaders, interruption)
	}
	if endOfStream {
		s.judgeResponse()
	}
	return types.ActionContinue
}

func (s *stream) OnHttpResponseBody(size int, endOfStream bool) types.Action {
	if s.stopped == responseBody {
		s.blank(size)
		return types.ActionContinue
	}
	if s.tx == nil || s.tx.IsRuleEngineOff() || s.stopped != "" || s.responseJudged {
		return types.ActionContinue
	}
	if !s.tx.IsResponseBodyAccessible() || !s.tx.IsResponseBodyProcessable() {
		s.judgeResponse()
		return types.ActionContinue
	}
	if size > s.responseRead {
		chunk, err := proxywasm.GetHttpResponseBody(s.responseRead, size-s.responseRead)
		if err != nil {
			proxywasm.LogErrorf("cannot read the response's body: %v", err)
			return types.ActionContinue
		}
		interruption, written, err := s.tx.WriteResponseBody(chunk)
		if err != nil {
			proxywasm.LogErrorf("cannot take the response's body: %v", err)
			return types.ActionContinue
		}
		s.responseRead += len(chunk)
		if interruption != nil {
			return s.conceal(interruption, size)
		}
		if written < len(chunk) {
			endOfStream = true
		}
	}
	if !endOfStream {
		return types.ActionPause
	}
	if interruption := s.judgeResponse(); interruption != nil {
		return s.conceal(interruption, size)
	}
	return types.ActionContinue
}

func (s *stream) judgeResponse() *coraza_types.Interruption {
	if s.responseJudged {
		return nil
	}
	s.responseJudged = true
	interruption, err := s.tx.ProcessResponseBody()
	if err != nil {
		proxywasm.LogErrorf("cannot judge the response's body: %v", err)
		return nil
	}
	return interruption
}

// conceal stops a response whose headers have been sent: its status can no longer be changed, but nobody gets to see its body.
func (s *stream) conceal(interruption *coraza_types.Interruption, size int) types.Action {
	s.stopped = responseBody
	s.responseJudged = true
	s.plugin.metrics.interruption(responseBody, interruption.RuleID)
	s.blank(size)
	return types.ActionContinue
}

func (s *stream) blank(size int) {
	if size == 0 {
		return
	}
	if err := proxywasm.ReplaceHttpResponseBody(bytes.Repeat([]byte{0}, size)); err != nil {
		proxywasm.LogErrorf("cannot blank the response's body: %v", err)
	}
}

// deny answers in the server's place.
func (s *stream) deny(phase string, interruption *coraza_types.Interruption) types.Action {
	s.stopped = phase
	s.plugin.metrics.interruption(phase, interruption.RuleID)
	status := interruption.Status
	if status == 0 {
		status = 403
	}
	var headers [][2]string
	if interruption.Action == "redirect" {
		headers = [][2]string{{"location", interruption.Data}}
		if status < 300 || status > 399 {
			status = 302
		}
	}
	if err := proxywasm.SendHttpResponse(uint32(status), headers, nil, -1); err != nil {
		proxywasm.LogErrorf("cannot answer: %v", err)
	}
	return types.ActionPause
}

// OnHttpStreamDone runs the rules of the last phase, which write the audit log.
func (s *stream) OnHttpStreamDone() {
	if s.tx == nil {
		return
	}
	if !s.tx.IsRuleEngineOff() {
		if s.stopped == "" {
			if !s.requestJudged {
				s.judgeRequestQuietly()
			}
			if !s.responseJudged {
				s.judgeResponse()
			}
		}
		s.tx.ProcessLogging()
	}
	if err := s.tx.Close(); err != nil {
		proxywasm.LogErrorf("cannot close the transaction: %v", err)
	}
}

// judgeRequestQuietly runs the rules of the request's body when there is nobody left to answer.
func (s *stream) judgeRequestQuietly() {
	s.requestJudged = true
	if _, err := s.tx.ProcessRequestBody(); err != nil {
		proxywasm.LogErrorf("cannot judge the request's body: %v", err)
	}
}

// header reads one of the current message's pseudo-headers, or a property where a host has it only there.
func header(name string, property ...string) string {
	var value string
	var err error
	if name == ":status" {
		value, err = proxywasm.GetHttpResponseHeader(name)
	} else {
		value, err = proxywasm.GetHttpRequestHeader(name)
	}
	if err != nil && len(property) > 0 {
		return text(property...)
	}
	return value
}

func text(path ...string) string {
	value, err := proxywasm.GetProperty(path)
	if err != nil {
		return ""
	}
	return string(value)
}

// address reads one end of the connection.
func address(end string) (string, int) {
	host, portText, err := net.SplitHostPort(text(end, "address"))
	if err != nil {
		return "", 0
	}
	port, _ := strconv.Atoi(portText)
	if value, err := proxywasm.GetProperty([]string{end, "port"}); err == nil && len(value) == 8 {
		port = int(binary.LittleEndian.Uint64(value))
	}
	return host, port
}
