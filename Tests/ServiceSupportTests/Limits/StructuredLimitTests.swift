import MetricsModel
import Testing

@testable import ServiceSupport

/// Limits whose values have parts.
@Suite struct StructuredLimitTests {
    private static func labelSets(_ yaml: String) throws -> [LabelSetLimit] {
        let file = "overrides:\n  a:\n    limits_per_label_set:\n\(yaml)\n"
        let found = try TenantOverridesTests.read(file).limits["a"]?.limitsPerLabelSet
        return try #require(found)
    }

    @Test func `limits by label set are read in the form of Cortex`() throws {
        let limits = try Self.labelSets(
            """
                  - label_set: {zone: "1", cluster: eu}
                    limits:
                      max_series: 1000
                  - {label_set: {}, limits: {max_series: 5}}
                  - limits: {max_series: 7}
                    label_set: {"größe:\\n": 'a"b\\'}
            """
        )
        #expect(limits.map(\.maxSeries) == [1000, 5, 7])
        #expect(limits[0].labels.map(\.name) == ["cluster", "zone"])
        #expect(limits[0].labels.map(\.value) == ["eu", "1"])
        #expect(limits[1].labels.isEmpty)
        #expect(limits[2].labels.first?.name == "größe:\n")
        #expect(limits[2].labels.first?.value == #"a"b\"#)
    }

    @Test func `what is shown is accepted again`() throws {
        let strange = "\"\\ \u{7f}\u{2028}\n\t'#: é🙂"
        let text =
            "[{label_set: {\(StructuredValue.quoted(strange)): \(StructuredValue.quoted(strange))}, "
            + "limits: {max_series: 3}}]"
        let first = try TenantOverridesTests.read("overrides: {a: {limitsPerLabelSet: \(text)}}")
        #expect(first.limits["a"]?.limitsPerLabelSet.first?.labels.first?.value == strange)
        let second = try TenantOverridesTests.read(first.yaml())
        #expect(second.limits == first.limits)
        let shown = first.values(of: "a", onlyOverrides: true)
        guard case .json(let json)? = shown.first?.value else {
            Issue.record("\(shown)")
            return
        }
        #expect(
            json.hasPrefix(#"[{"label_set":{"#) && json.hasSuffix(#""limits":{"max_series":3}}]"#)
        )
    }

    @Test(arguments: [
        ("- {label_set: {a: b}}", "entry 1 needs limits"),
        ("- {label_set: {a: b}, limits: {max_series: 0}}", "entry 1 needs limits"),
        ("- {label_set: {a: b}, limits: {max_series: many}}", "entry 1 needs limits"),
        ("- {label_set: {a: b}, limits: {max_chunks: 1}}", "max_chunks"),
        ("- {label_set: {a: ''}, limits: {max_series: 1}}", "empty name or value"),
        ("- {label_set: [a], limits: {max_series: 1}}", "label_set of entry 1 is no mapping"),
        ("- {label_set: {a: [b]}, limits: {max_series: 1}}", "is no single value"),
        ("- {labels: {a: b}, limits: {max_series: 1}}", "unknown name \"labels\""),
        (
            "- {label_set: {a: b}, limits: {max_series: 1}}\n"
                + "    - {label_set: {a: b}, limits: {max_series: 2}}",
            "entry 2 has labels that another has"
        ),
        ("- 7", "entry 1 is no mapping"), ("  a: b", "expected a list"), ("", "a YAML list of"),
        ("  '[{'", "it is no YAML"),
    ])
    func `a mistake is named`(yaml: String, part: String) throws {
        let file = "overrides:\n  a:\n    limitsPerLabelSet:\n    \(yaml)\n"
        let error = #expect(throws: ConfigurationError.self) { try TenantOverridesTests.read(file) }
        let message = error?.description ?? ""
        #expect(message.contains("overrides.a.limitsPerLabelSet"), "\(message)")
        #expect(message.contains(part), "\(message)")
    }

    @Test func `relabelling rules and labels are read in the form of Prometheus`() throws {
        let text = #"""
            overrides:
              a:
                metric_relabel_configs:
                  - source_labels: [__name__, "é,;"]
                    separator: ""
                    regex: '(a|b)\d+"'
                    target_label: x
                    replacement: ""
                  - {action: HashMod, modulus: 18446744073709551615, target_label: y}
                  - {action: keep, source_labels: [z], regex: ""}
                drop_labels: [replica, "a,b"]
            """#
        let overrides = try TenantOverridesTests.read(text)
        let limits = try #require(overrides.limits["a"])
        #expect(limits.dropLabels == ["replica", "a,b"])
        let rules = limits.metricRelabelConfigs
        #expect(rules.map(\.action) == [.replace, .hashmod, .keep])
        #expect(rules[0].sourceLabels == ["__name__", "é,;"])
        #expect(rules[0].separator.isEmpty && rules[0].replacement.isEmpty)
        #expect(rules[0].regex == #"(a|b)\d+""#)
        #expect(rules[1].modulus == .max)
        #expect(rules[1].regex == "(.*)" && rules[1].separator == ";")
        #expect(rules[2].regex.isEmpty)
        // What is shown is accepted again, and means the same.
        #expect(try TenantOverridesTests.read(overrides.yaml()).limits == overrides.limits)
    }

    @Test(arguments: [
        ("metricRelabelConfigs: [{regex: '('}]", "rule 1: replace needs a target_label"),
        ("metricRelabelConfigs: [{action: drop, regex: '('}]", "rule 1: regex \"(\" is none"),
        ("metricRelabelConfigs: [{action: drop}, {action: remove}]", "action of rule 2 is none of"),
        (
            "metricRelabelConfigs: [{action: drop, sourceLabels: [a]}]",
            "unknown name \"sourceLabels\""
        ),
        ("metricRelabelConfigs: [{action: drop, source_labels: a}]", "is no list of label names"),
        (
            "metricRelabelConfigs: [{action: hashmod, target_label: a, modulus: -1}]",
            "is no whole number"
        ),
        ("metricRelabelConfigs: {action: drop}", "expected a list"),
        ("dropLabels: [a, '']", "has an empty name"), ("dropLabels: [[a]]", "is no single value"),
        ("dropLabels: a", "expected a list"),
    ])
    func `a rule with a mistake is named`(limit: String, part: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try TenantOverridesTests.read("overrides:\n  a:\n    \(limit)\n")
        }
        let message = error?.description ?? ""
        #expect(message.contains("line 3"), "\(message)")
        #expect(message.contains(part), "\(message)")
    }

    @Test func `nesting and size are bounded`() throws {
        let deep = String(repeating: "[", count: 50) + String(repeating: "]", count: 50)
        #expect(throws: ConfigurationError.self) {
            try TenantOverridesTests.read("overrides: {a: {limitsPerLabelSet: \(deep)}}")
        }
        let entries = (0..<101).map { "{label_set: {a: \"\($0)\"}, limits: {max_series: 1}}" }
        #expect(throws: ConfigurationError.self) {
            try TenantOverridesTests.read(
                "overrides: {a: {limitsPerLabelSet: [\(entries.joined(separator: ","))]}}"
            )
        }
    }
}
