import BlockFormat
import ClusterInterface
import MetricsModel
import PromQL
import Testing

@testable import Querying

@Suite struct ExemplarQueryTests {
    private static let tenant = TenantID.anonymous
    private static let first: Labels = ["__name__": "a", "pod": "1"]
    private static let second: Labels = ["__name__": "b", "pod": "1"]
    private static let hours: Int64 = 3_600_000

    private static func exemplar(_ time: Int64, _ id: String = "a") -> Exemplar {
        Exemplar(labels: ["trace_id": id], timestamp: time, value: 1)
    }

    private static func ingester(
        _ name: String,
        _ exemplars: [SelectedExemplars],
        _ metadata: [SeenMetadata] = []
    ) -> MemoryIngester {
        MemoryIngester(
            name: name,
            exemplars: [tenant: exemplars],
            metadata: [tenant: metadata]
        )
    }

    private static func matchers(_ text: String) throws -> [[LabelMatcher]] {
        try Parser.parse(text).selectors
    }

    @Test func `replicas and blocks are merged, each exemplar once`() async throws {
        let store = MemoryStore()
        try store.add(
            number: 1,
            [
                (Self.first, [0, 1000], [Self.exemplar(500), Self.exemplar(700, "b")]),
                (Self.second, [0], []),
            ]
        )
        let querier = Querier(
            FixedDirectory(ingesters: [
                Self.ingester(
                    "a",
                    [
                        .init(
                            labels: Self.first,
                            exemplars: [Self.exemplar(700, "b"), Self.exemplar(900)]
                        )
                    ]
                ),
                Self.ingester(
                    "b",
                    [
                        .init(labels: Self.first, exemplars: [Self.exemplar(900)]),
                        .init(labels: Self.second, exemplars: [Self.exemplar(5)]),
                    ]
                ),
            ]),
            store
        )
        let all = try await querier.exemplars(
            of: TenantSet(Self.tenant),
            matching: try Self.matchers("sum(rate(a[5m])) / b + a"),
            in: .all
        )
        #expect(
            all == [
                .init(
                    labels: Self.first,
                    exemplars: [Self.exemplar(500), Self.exemplar(700, "b"), Self.exemplar(900)]
                ), .init(labels: Self.second, exemplars: [Self.exemplar(5)]),
            ]
        )
        let some = try await querier.exemplars(
            of: TenantSet(Self.tenant),
            matching: try Self.matchers("a"),
            in: TimeRange(start: 600, end: 800)
        )
        #expect(some == [.init(labels: Self.first, exemplars: [Self.exemplar(700, "b")])])
        #expect(
            try await querier.exemplars(of: TenantSet(Self.tenant), matching: [], in: .all) == []
        )
    }

    @Test func `a block is looked at whose samples are later than the exemplar`() async throws {
        let store = MemoryStore()
        try store.add(
            number: 1,
            [
                (
                    Self.first, [3 * Self.hours],
                    [Self.exemplar(3 * Self.hours - BlockExemplars.maximumDistance)]
                )
            ]
        )
        try store.add(
            number: 2,
            [(Self.first, [30 * Self.hours], [Self.exemplar(30 * Self.hours)])]
        )
        let found = try await Querier(FixedDirectory(), store).exemplars(
            of: TenantSet(Self.tenant),
            matching: try Self.matchers("a"),
            in: TimeRange(start: Self.hours, end: Self.hours + 1)
        )
        #expect(found.map(\.exemplars) == [[Self.exemplar(Self.hours)]])
    }

    @Test func `a federated answer names the tenants`() async throws {
        let other = try TenantID("other")
        var ingester = Self.ingester(
            "a",
            [.init(labels: Self.first, exemplars: [Self.exemplar(1)])]
        )
        ingester.exemplars[other] = [.init(labels: Self.first, exemplars: [Self.exemplar(2)])]
        let querier = Querier(FixedDirectory(ingesters: [ingester]))
        let tenants = try TenantSet(parsing: "anonymous|other")
        let found = try await querier.exemplars(
            of: tenants,
            matching: try Self.matchers("a"),
            in: .all
        )
        #expect(found.map { $0.labels.value(of: "__tenant_id__") } == ["anonymous", "other"])
        let one = try await querier.exemplars(
            of: tenants,
            matching: try Self.matchers("a{__tenant_id__=\"other\"}"),
            in: .all
        )
        #expect(one.map(\.exemplars) == [[Self.exemplar(2)]])
    }

    @Test func `more exemplars than an answer may have are an error that says so`() async throws {
        let many = (0..<11).map { Self.exemplar(Int64($0)) }
        let directory = FixedDirectory(ingesters: [
            Self.ingester("a", [.init(labels: Self.first, exemplars: many)]),
            Self.ingester("b", [.init(labels: Self.first, exemplars: many)]),
        ])
        let store = MemoryStore()
        try store.add(number: 1, [(Self.second, [0], many)])
        for (limit, query, passes) in [(11, "a", true), (10, "a", false), (10, "b", false)] {
            let querier = Querier(directory, store) { $0.maximumExemplars = limit }
            let selectors = try Self.matchers(query)
            let found = try? await querier.exemplars(
                of: TenantSet(Self.tenant),
                matching: selectors,
                in: .all
            )
            #expect((found != nil) == passes, "\(query) \(limit)")
        }
    }

    @Test func `too many missing ingesters and damaged pages are errors`() async throws {
        var broken = Self.ingester("a", [])
        broken.mood = .failing
        await #expect(throws: QueryError.self) {
            try await Querier(FixedDirectory(ingesters: [broken])).exemplars(
                of: TenantSet(Self.tenant),
                matching: try Self.matchers("a"),
                in: .all
            )
        }
        let store = MemoryStore()
        let record = try store.add(number: 1, [(Self.first, [0], [Self.exemplar(1)])])
        store.damage(byte: record.size - 10)
        await #expect(throws: QueryError.self) {
            try await Querier(FixedDirectory(), store).exemplars(
                of: TenantSet(Self.tenant),
                matching: try Self.matchers("a"),
                in: .all
            )
        }
    }

    // MARK: Metadata

    private static func entry(_ name: String, _ help: String) -> MetricMetadata {
        MetricMetadata(name: name, kind: .gauge, help: help)
    }

    @Test func `what senders say now counts more than blocks, and newer blocks more than older`()
        async throws
    {
        let store = MemoryStore()
        try store.add(
            number: 1,
            [(Self.first, [0], []), (Self.second, [0], [])],
            metadata: [Self.entry("a", "oldest"), Self.entry("b", "oldest")]
        )
        try store.add(
            number: 2,
            [(Self.second, [9000], [])],
            metadata: [Self.entry("b", "newer")]
        )
        let directory = FixedDirectory(ingesters: [
            Self.ingester("x", [], [SeenMetadata(Self.entry("a", "now"), lastSeen: 5)]),
            Self.ingester(
                "y",
                [],
                [
                    SeenMetadata(Self.entry("a", "other"), lastSeen: 9),
                    SeenMetadata(Self.entry("a", "now"), lastSeen: 4),
                ]
            ),
        ])
        let querier = Querier(directory, store)
        func ask(_ metric: String?, _ range: TimeRange = .all) async throws -> [[String]] {
            try await querier.metadata(of: TenantSet(Self.tenant), metric: metric, in: range).map {
                [$0.name] + $0.entries.map(\.help)
            }
        }
        #expect(try await ask(nil) == [["a", "other", "now"], ["b", "newer"]])
        #expect(try await ask("b") == [["b", "newer"]])
        #expect(try await ask("c") == [])
        #expect(try await ask("b", TimeRange(start: 0, end: 10)) == [["b", "oldest"]])
        #expect(try await ask("b", TimeRange(start: 100, end: 200)) == [])
    }

    @Test func `tenants of a federated request are united`() async throws {
        let other = try TenantID("other")
        var ingester = Self.ingester("x", [], [SeenMetadata(Self.entry("a", "x"), lastSeen: 5)])
        ingester.metadata[other] = [
            SeenMetadata(Self.entry("a", "x"), lastSeen: 5),
            SeenMetadata(Self.entry("a", "y"), lastSeen: 5),
        ]
        let found = try await Querier(FixedDirectory(ingesters: [ingester])).metadata(
            of: try TenantSet(parsing: "anonymous|other"),
            metric: nil,
            in: .all
        )
        #expect(found.map { $0.entries.map(\.help) } == [["x", "y"]])
    }
}
