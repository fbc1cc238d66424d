import Testing

@testable import ServiceSupport

/// What the overrides API may write, and what becomes of what the store has.
@Suite struct StoredOverridesTests {
    private static let file = """
        overrides:
          a: {ingestionRate: 10, lateWindow: 1h}
        hard_limits: {ingestion_rate: 1000, retention: 90d}
        hard_overrides:
          rich: {ingestionRate: 5000}
        api_allowed_limits: [ingestion_rate, lateWindow, promql_features, retention,
          limits_per_label_set]
        """

    private func edit(
        _ edit: TenantOverrides.Edit,
        of tenant: String = "a",
        from current: String = "{}",
        file: String = Self.file,
        isOperator: Bool = false
    ) throws -> String {
        try TenantOverridesTests.read(file).document(
            of: tenant,
            after: edit,
            of: OverridesDocument(json: current),
            isOperator: isOperator
        ).json
    }

    private func refusal(
        of json: String,
        tenant: String = "a",
        file: String = Self.file,
        isOperator: Bool = false
    ) -> String {
        do {
            return try edit(.merge(json: json), of: tenant, file: file, isOperator: isOperator)
        } catch {
            return "\(error)"
        }
    }

    @Test func `limits are merged, whatever their spelling, and null takes one back`() throws {
        let first = try edit(.merge(json: #"{"ingestionRate": 20, "late_window": "90m"}"#))
        #expect(first == #"{"ingestion_rate":20,"out_of_order_time_window":"1h30m"}"#)
        let second = try edit(
            .merge(json: #"{"ingestion_rate": 30, "promqlFeatures": ["promql-duration-expr"]}"#),
            from: first
        )
        #expect(
            second
                == #"{"ingestion_rate":30,"out_of_order_time_window":"1h30m","#
                + #""promql_features":["promql-duration-expr"]}"#
        )
        #expect(
            try edit(.merge(json: #"{"lateWindow": null, "promql_features": null}"#), from: second)
                == #"{"ingestion_rate":30}"#
        )
        let sets = #"[{"label_set":{"n":"1"},"limits":{"max_series":5}}]"#
        let labelled = try edit(.merge(json: #"{"limits_per_label_set": \#(sets)}"#))
        #expect(labelled.contains(#""max_series":5"#))
        #expect(try edit(.merge(json: labelled)) == labelled)
    }

    @Test(arguments: [
        ("{", "no JSON"), ("[]", "JSON object"), ("7", "JSON object"),
        (#"{"ingestion_rates": 1}"#, "unknown limit ingestion_rates; did you mean ingestion_rate"),
        (#"{"ingestion_rate": "much"}"#, #"ingestion_rate: "much" is refused: expected a whole"#),
        (#"{"ingestion_rate": -1}"#, "from 0 to 1000000000"),
        (#"{"ingestion_rate": 1.5}"#, "from 0 to 1000000000"),
        (#"{"ingestion_rate": [1]}"#, "[1] is refused"),
        (#"{"ingestion_rate": {"a": 1}}"#, "is refused"),
        (#"{"retention": 5}"#, "a duration"),
        (#"{"promql_features": ["none"]}"#, "a list"),
        (#"{"promql_features": [["promql-duration-expr"]]}"#, "a list"),
        (#"{"limits_per_label_set": "[&a *a]"}"#, "a YAML list"),
        (#"{"limits_per_label_set": [{"label_set": null}]}"#, "a YAML list"),
        (#"{"ingestion_rate": 1, "ingestionRate": 2}"#, "set again"),
        (#"{"max_series": 1}"#, "cannot be modified via the overrides API: max_series;"),
        (#"{"max_series": null}"#, "cannot be modified via the overrides API: max_series;"),
        (#"{"ingestion_rate": 1001}"#, "ingestion_rate exceeds hard limit: 1001 > 1000"),
        (#"{"ingestion_rate": 0}"#, "ingestion_rate exceeds hard limit: 0 (no limit) > 1000"),
        (#"{"retention": "91d"}"#, "retention exceeds hard limit: 91d > 90d"),
    ])
    func `what is wrong is named with its value and what is accepted`(json: String, part: String) {
        let message = refusal(of: json)
        #expect(message.contains(part), "\(message)")
    }

    @Test func `a long name is refused soon, with its start`() {
        let long = String(repeating: "x", count: 1_000_000)
        let message = refusal(of: "{\"\(long)\": 1}")
        #expect(message.hasPrefix("unknown limit xxx") && message.utf8.count < 300)
    }

    @Test func `a hard limit itself is allowed, and a tenant may have its own`() {
        #expect(refusal(of: #"{"ingestion_rate":1000}"#) == #"{"ingestion_rate":1000}"#)
        #expect(
            refusal(of: #"{"ingestion_rate":5000}"#, tenant: "rich") == #"{"ingestion_rate":5000}"#
        )
        #expect(refusal(of: #"{"ingestion_rate":5001}"#, tenant: "rich").contains("5001 > 5000"))
    }

    @Test func `nothing may be changed unless the file says so, but by operators`() {
        let rate = #"{"ingestion_rate":1}"#
        #expect(refusal(of: rate, file: "overrides: {}").contains("cannot be modified"))
        #expect(refusal(of: rate, file: "api_allowed_limits: [\"*\"]") == rate)
        #expect(refusal(of: rate, file: "overrides: {}", isOperator: true) == rate)
        let tooMuch = refusal(of: #"{"ingestion_rate":1001}"#, isOperator: true)
        #expect(tooMuch.contains("exceeds hard limit"))
    }

    @Test func `taking all back, and going back, leave what may not be changed`() throws {
        let current = #"{"ingestion_rate":20,"later":1,"max_series":5}"#
        #expect(try edit(.removeAll, from: current) == #"{"later":1,"max_series":5}"#)
        #expect(try edit(.removeAll, from: current, isOperator: true) == "{}")
        let earlier = try OverridesDocument(json: #"{"ingestion_rate":7,"later":1,"max_series":5}"#)
        #expect(try edit(.restore(earlier), from: current) == earlier.json)
        #expect(throws: OverridesRefusal.self) {
            try edit(.restore(OverridesDocument()), from: current)
        }
        #expect(
            try edit(.restore(OverridesDocument()), from: #"{"ingestion_rate":20}"#) == "{}"
        )
        let more = try OverridesDocument(json: #"{"ingestion_rate":2000}"#)
        #expect(throws: OverridesRefusal.self) { try edit(.restore(more)) }
    }

    @Test func `what differs is told by name`() throws {
        let old = try OverridesDocument(json: #"{"a": 1, "b": "x", "c": [1]}"#)
        let new = try OverridesDocument(json: #"{"b": "x", "c": [2], "d": true}"#)
        #expect(
            new.changes(from: old) == [
                .init(name: "a", before: "1", after: nil),
                .init(name: "c", before: "[1]", after: "[2]"),
                .init(name: "d", before: nil, after: "true"),
            ]
        )
        #expect(new.changes(from: new).isEmpty)
    }

    @Test func `stored limits stand over the file, up to hard limits, and say so`() throws {
        var overrides = try TenantOverridesTests.read(Self.file)
        let json = #"{"ingestion_rate":2000,"retention":"30d"}"#
        #expect(overrides.setStored(json, version: 7, of: "a").isEmpty)
        let limits = try #require(overrides.limits(of: "a"))
        #expect(limits.ingestionRate == 1000 && limits.retention == .seconds(30 * 86_400))
        #expect(limits.lateWindow == .seconds(3600))
        let shown = overrides.values(of: "a", onlyOverrides: true)
        #expect(shown.map(\.source) == [.file, .hardLimit, .api])
        #expect(overrides.storedVersion(of: "a") == 7)
        let yaml = overrides.yaml()
        #expect(yaml.contains("retention: 30d  # overrides API, version 7"), "\(yaml)")
        #expect(yaml.contains("ingestionRate: 1000  # hard limit; version 7"), "\(yaml)")
        #expect(yaml.contains("apiAllowedLimits: [lateWindow, ingestionRate,"), "\(yaml)")
        #expect(try TenantOverridesTests.read(yaml).limits == overrides.limits)
        #expect(try TenantOverridesTests.read(yaml).policy == overrides.policy)

        // Another file: what is stored stays, and is judged anew.
        var later = try TenantOverridesTests.read("overrides: {b: {ingestionRate: 3}}")
        later.takeStored(of: overrides)
        #expect(later.limits(of: "a")?.ingestionRate == 2000)
        #expect(later.limits(of: "a")?.lateWindow == .seconds(86_400))
        later.removeStored(of: "a")
        #expect(later.limits(of: "a") == nil && later.limits(of: "b")?.ingestionRate == 3)
    }

    @Test func `what this version does not understand is left out, and the rest holds`() throws {
        var overrides = try TenantOverridesTests.read(Self.file)
        let refused = overrides.setStored(
            #"{"ingestion_rate":20,"limit_of_tomorrow":1,"retention":"for ever"}"#,
            version: 3,
            of: "b"
        )
        #expect(refused.count == 2 && refused[0].contains("limit_of_tomorrow"), "\(refused)")
        #expect(overrides.limits(of: "b")?.ingestionRate == 20)
        #expect(overrides.limits(of: "b")?.retention == .zero)
        for broken in ["", "{", "null", "[1]", String(repeating: "[", count: 100_000)] {
            #expect(overrides.setStored(broken, version: 4, of: "b").count == 1)
            #expect(overrides.limits(of: "b")?.ingestionRate == 20)
            #expect(overrides.storedVersion(of: "b") == 4)
        }
        #expect(overrides.setStored("{}", version: 5, of: "b").isEmpty)
        #expect(overrides.limits(of: "b") == nil)
    }

    @Test(arguments: [
        ("hard_limits: {promql_features: []}", "only numbers and durations"),
        ("hardOverrides: {a: {retention: long}}", "hardOverrides.a.retention"),
        ("hardOverrides: {'a b': {retention: 1h}}", "hardOverrides"),
        ("apiAllowedLimits: [ingestion_rates]", "did you mean ingestion_rate"),
        ("apiAllowedLimits: all", "expected a list of limits"),
        ("apiAllowedLimits: []\napi_allowed_limits: []", "is set again"),
        ("hardLimit: {}", "did you mean hardLimits"),
    ])
    func `mistakes in what the API may do are named`(text: String, part: String) {
        do {
            _ = try TenantOverridesTests.read(text)
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test func `limits without end at 0 are known as such`() {
        for key in LimitNames.keys {
            let isUnlimited = ["0 is no limit", "0 accepts any age", "0 keeps them for ever"]
                .contains { key.documentation.contains($0) }
            let isKnown = OverridesPolicy.unlimitedAtZero.contains(key.name)
            #expect(isKnown == isUnlimited, "\(key.name)")
        }
    }
}
