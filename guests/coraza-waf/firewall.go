package main

import (
	"embed"
	"io"
	"io/fs"
	"strings"

	crs "github.com/corazawaf/coraza-coreruleset/v4"
	"github.com/corazawaf/coraza/v3"
	"github.com/corazawaf/coraza/v3/debuglog"
	coraza_types "github.com/corazawaf/coraza/v3/types"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
)

//go:embed rules/*.conf
var ownRules embed.FS

// aliases are the names by which configurations include what is built in.
var aliases = map[string]string{
	"@recommended-conf":    "@coraza.conf-recommended",
	"@crs-setup-conf":      "@crs-setup.conf.example",
	"@crs-setup-demo-conf": "@crs-setup.conf.example",
}

// ownFiles are those that come with the plugin itself.
var ownFiles = map[string]string{
	"@demo-conf": "rules/demo.conf",
	"@ftw-conf":  "rules/ftw.conf",
}

// builtIn is the one file system that directives can include from.
type builtIn struct{ fs.FS }

func strip(name string) string {
	if at := strings.Index(name, "@"); at >= 0 {
		return name[at:]
	}
	return name
}

func (b builtIn) Open(name string) (fs.File, error) {
	name = strip(name)
	if own, ok := ownFiles[name]; ok {
		return ownRules.Open(own)
	}
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	return crs.FS.Open(name)
}

func (b builtIn) ReadFile(name string) ([]byte, error) {
	file, err := b.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

func (b builtIn) Glob(pattern string) ([]string, error) {
	return fs.Glob(crs.FS, strip(pattern))
}

func newFirewall(directives string) (coraza.WAF, error) {
	return coraza.NewWAF(coraza.NewWAFConfig().
		WithErrorCallback(logMatch).
		WithDebugLogger(debuglog.DefaultWithPrinterFactory(logPrinter)).
		WithRootFS(builtIn{}).
		WithDirectives(directives))
}

// logMatch writes that a rule has matched, at the level of the rule's severity.
func logMatch(match coraza_types.MatchedRule) {
	message := match.ErrorLog()
	switch match.Rule().Severity() {
	case coraza_types.RuleSeverityEmergency, coraza_types.RuleSeverityAlert, coraza_types.RuleSeverityCritical:
		proxywasm.LogCritical(message)
	case coraza_types.RuleSeverityError:
		proxywasm.LogError(message)
	case coraza_types.RuleSeverityWarning:
		proxywasm.LogWarn(message)
	case coraza_types.RuleSeverityDebug:
		proxywasm.LogDebug(message)
	default:
		// Notices, information, and rules that name no severity.
		proxywasm.LogInfo(message)
	}
}

func logPrinter(io.Writer) debuglog.Printer {
	return func(level debuglog.Level, message, fields string) {
		line := message
		if fields != "" {
			line += " " + fields
		}
		switch level {
		case debuglog.LevelTrace:
			proxywasm.LogTrace(line)
		case debuglog.LevelDebug:
			proxywasm.LogDebug(line)
		case debuglog.LevelInfo, debuglog.LevelWarn:
			// The engine warns of what is usual, such as a variable that a request does not have, several times a request.
			proxywasm.LogDebug(line)
		default:
			proxywasm.LogError(line)
		}
	}
}
