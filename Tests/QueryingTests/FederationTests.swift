import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite struct FederationTests {
    private let tenants: [TenantID]
    private let querier: Querier

    init() throws {
        tenants = try ["a", "b", "c"].map { try TenantID($0) }
        var memory = MemoryIngester()
        let store = MemoryStore()
        for (number, tenant) in tenants.enumerated() {
            let series = [
                MemoryIngester.Series(
                    labels: ["__name__": "up"],
                    samples: [(1000, Double(number))]
                ),
                // Sorts before the tenant's label, and has the tenants' own label.
                MemoryIngester.Series(
                    labels: ["__name__": "up", "__aaa__": "1"],
                    samples: [(1000, 9)]
                ),
                MemoryIngester.Series(
                    labels: ["__name__": "own", "__tenant_id__": "mine-\(number)"],
                    samples: [(1000, 9)]
                ),
            ]
            if number == 1 {
                try store.add(tenant, series)
            } else {
                memory.data[tenant] = series
            }
        }
        querier = Querier(FixedDirectory(ingesters: [memory]), store)
    }

    @Test func `each series of a federated answer tells its tenant`() async throws {
        #expect(
            try await values("up", "a|b|c") == [
                "{__aaa__=\"1\", __name__=\"up\", __tenant_id__=\"a\"} 9.0",
                "{__aaa__=\"1\", __name__=\"up\", __tenant_id__=\"b\"} 9.0",
                "{__aaa__=\"1\", __name__=\"up\", __tenant_id__=\"c\"} 9.0",
                "{__name__=\"up\", __tenant_id__=\"a\"} 0.0",
                "{__name__=\"up\", __tenant_id__=\"b\"} 1.0",
                "{__name__=\"up\", __tenant_id__=\"c\"} 2.0",
            ]
        )
    }

    @Test func `a single tenant sees only its own, unchanged`() async throws {
        #expect(
            try await values("up{__aaa__=\"\"}", "b") == ["{__name__=\"up\"} 1.0"]
        )
        #expect(
            try await values("own", "b|b")
                == ["{__name__=\"own\", __tenant_id__=\"mine-1\"} 9.0"]
        )
    }

    @Test(arguments: [
        ("own{__tenant_id__=\"b\"}", ["b mine-1"]),
        ("own{__tenant_id__!=\"b\"}", ["a mine-0", "c mine-2"]),
        ("own{__tenant_id__=\"nobody\"}", []),
        ("own{original___tenant_id__=\"mine-2\"}", ["c mine-2"]),
        ("own{__tenant_id__=~\"a|b\",original___tenant_id__!=\"mine-0\"}", ["b mine-1"]),
    ])
    func `tenants are pruned by matchers, and a series' own label has another name`(
        text: String,
        expected: [String]
    ) async throws {
        let request = QueryRequest(text, try TenantSet(parsing: "a|b|c"), at: 1000)
        guard case .vector(let elements) = try await querier.query(request).value else {
            Issue.record("not a vector")
            return
        }
        let found = elements.map { element in
            [TenantSet.label, "original___tenant_id__"]
                .map { element.labels.value(of: $0) ?? "" }.joined(separator: " ")
        }
        #expect(found == expected)
    }

    @Test func `queries can group by tenant`() async throws {
        #expect(
            try await values("sum by (__tenant_id__) (up)", "a|c")
                == ["{__tenant_id__=\"a\"} 9.0", "{__tenant_id__=\"c\"} 11.0"]
        )
    }

    @Test func `metadata shows the tenants' label, and the label that it hides`() async throws {
        let set = try TenantSet(parsing: "a|b|c")
        let own = [LabelMatcher(name: "__name__", equals: "own")]
        let up = [
            LabelMatcher(name: "__name__", equals: "up"),
            LabelMatcher(name: "__tenant_id__", equals: "b"),
        ]
        #expect(
            try await querier.labelNames(of: set, matching: [up], in: .all)
                == ["__aaa__", "__name__", "__tenant_id__"]
        )
        #expect(
            try await querier.labelNames(of: set, matching: [own], in: .all)
                == ["__name__", "__tenant_id__", "original___tenant_id__"]
        )
        #expect(
            try await querier.labelValues("__tenant_id__", of: set, matching: [], in: .all)
                == ["a", "b", "c"]
        )
        #expect(
            try await querier.labelValues("__tenant_id__", of: set, matching: [up], in: .all)
                == ["b"]
        )
        #expect(
            try await querier.labelValues(
                "original___tenant_id__",
                of: set,
                matching: [],
                in: .all
            )
                == ["mine-0", "mine-1", "mine-2"]
        )
        #expect(
            try await querier.series(of: set, matching: [up], in: .all) == [
                ["__aaa__": "1", "__name__": "up", "__tenant_id__": "b"],
                ["__name__": "up", "__tenant_id__": "b"],
            ]
        )
    }

    private func values(_ text: String, _ tenants: String) async throws -> [String] {
        let request = QueryRequest(text, try TenantSet(parsing: tenants), at: 1000)
        guard case .vector(let elements) = try await querier.query(request).value else { return [] }
        return elements.sorted { $0.labels < $1.labels }
            .map { "\($0.labels) \($0.value.float ?? .nan)" }
    }
}
