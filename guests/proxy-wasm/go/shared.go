package main

import (
	"encoding/binary"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// sharedData counts requests over all VMs with this one's identifier.
type sharedData struct{ types.DefaultHttpContext }

func (*sharedData) OnHttpRequestHeaders(int, bool) types.Action {
	for {
		value, cas, err := proxywasm.GetSharedData("counter")
		must(err)
		count := uint64(1)
		if len(value) > 0 {
			count = binary.LittleEndian.Uint64(value) + 1
		}
		err = proxywasm.SetSharedData("counter", binary.LittleEndian.AppendUint64(nil, count), cas)
		if err == types.ErrorStatusCasMismatch {
			continue
		}
		must(err)
		proxywasm.LogInfof("shared counter: %d", count)
		return types.ActionContinue
	}
}

const queue = "requests"

func (p *plugin) startReceiving() error {
	id, err := proxywasm.RegisterSharedQueue(queue)
	p.queue = id
	return err
}

func (p *plugin) OnQueueReady(id uint32) {
	for {
		data, err := proxywasm.DequeueSharedQueue(id)
		if err == types.ErrorStatusEmpty {
			return
		}
		must(err)
		proxywasm.LogInfof("received on %t: %s", id == p.queue, data)
	}
}

// sender puts the path of each request into the receiver's queue.
type sender struct {
	types.DefaultHttpContext
	vmID string
}

func (c *sender) OnHttpRequestHeaders(int, bool) types.Action {
	id, err := proxywasm.ResolveSharedQueue(c.vmID, queue)
	must(err)
	path, err := proxywasm.GetHttpRequestHeader(":path")
	must(err)
	must(proxywasm.EnqueueSharedQueue(id, []byte(path)))
	return types.ActionContinue
}

// metrics counts requests by the value of a header.
type metrics struct{ types.DefaultHttpContext }

var counters = map[string]proxywasm.MetricCounter{}

func (*metrics) OnHttpRequestHeaders(int, bool) types.Action {
	value, err := proxywasm.GetHttpRequestHeader("my-custom-header")
	if err != nil {
		return types.ActionContinue
	}
	counter, known := counters[value]
	if !known {
		counter = proxywasm.DefineCounterMetric("custom_header_value_counts_value=" + value + "_reporter=wasmgosdk")
		counters[value] = counter
	}
	counter.Increment(1)
	return types.ActionContinue
}

// connection counts connections and says what passes on them.
type connection struct{ types.DefaultTcpContext }

var connections = proxywasm.MetricCounter(0)

func (*connection) OnNewConnection() types.Action {
	if connections == 0 {
		connections = proxywasm.DefineCounterMetric("proxy_wasm_go.connection_counter")
	}
	source, err := proxywasm.GetProperty([]string{"source", "address"})
	must(err)
	proxywasm.LogInfof("new connection from %s", source)
	return types.ActionContinue
}

func (*connection) OnDownstreamData(size int, end bool) types.Action {
	if size == 0 {
		return types.ActionContinue
	}
	data, err := proxywasm.GetDownstreamData(0, size)
	must(err)
	proxywasm.LogInfof("downstream: %s", data)
	return types.ActionContinue
}

func (*connection) OnUpstreamData(size int, end bool) types.Action {
	if size == 0 {
		return types.ActionContinue
	}
	location, err := proxywasm.GetPropertyMap([]string{"upstream_host_metadata", "filter_metadata", "location"})
	must(err)
	address, err := proxywasm.GetProperty([]string{"upstream", "address"})
	must(err)
	data, err := proxywasm.GetUpstreamData(0, size)
	must(err)
	proxywasm.LogInfof("upstream %s %v: %s", address, location, data)
	return types.ActionContinue
}

func (*connection) OnDownstreamClose(types.PeerType) { proxywasm.LogInfo("downstream closed") }

func (*connection) OnStreamDone() {
	connections.Increment(1)
	proxywasm.LogInfo("connection complete")
}
