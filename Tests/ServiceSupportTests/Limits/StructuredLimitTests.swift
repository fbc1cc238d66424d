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
