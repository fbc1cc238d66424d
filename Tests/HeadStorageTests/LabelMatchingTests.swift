import HeadStorage
import MetricsModel
import TestSupport
import Testing

/// Matchers on enough series that every way to make candidates is taken.
@Suite struct LabelMatchingTests {
    @Test(arguments: [1, 2] as [UInt64])
    func `any matchers pick what passes them all`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let head = TestHead(settings: .small)
        var all: Set<Labels> = []
        for number in 0..<3000 {
            let labels = Self.labels(number, using: &random)
            all.insert(labels)
            _ = try head.add(100, 1, to: labels)
        }
        // Two thirds leave again, so that the index is rebuilt.
        for labels in all where labels.value(of: "old") == nil {
            _ = try head.add(1100, 1, to: labels)
        }
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1)
        let living = all.filter { $0.value(of: "old") == nil }
        #expect(head.statistics.seriesCount == living.count)
        for _ in 0..<150 {
            let matchers = try (0..<Int.random(in: 0...4, using: &random)).map { _ in
                try Self.matcher(using: &random)
            }
            let expected = living.filter { matchers.allMatch($0) }
            #expect(head.series(matchers, .all) == expected.sorted(), "\(matchers)")
            let names = Set(expected.flatMap { $0.pairs.map(\.name) })
            #expect(head.labelNames(matchers, .all) == names.sortedByBytes())
            let name = Self.names.randomElement(using: &random) ?? ""
            let values = Set(expected.compactMap { $0.value(of: name) })
            #expect(head.labelValues(name, matchers, .all) == values.sortedByBytes())
        }
    }

    @Test func `labels come back whatever the series before had`() throws {
        var random = SeededGenerator(seed: 9)
        let head = TestHead(settings: .small)
        var expected: [SeriesReference: Labels] = [:]
        for _ in 0..<2000 {
            // Names that others skip, so that shapes and neighbours differ.
            let pairs = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                let name = Int.random(in: 0..<9, using: &random)
                return ("n\(name)", "v\(Int.random(in: 0..<(name * name + 1), using: &random))")
            }
            let labels = Labels(pairs)
            expected[try head.series(labels)] = labels
        }
        for (series, labels) in expected {
            let key = head.head.key(of: series)
            #expect(key == labels)
            #expect(head.reference(of: labels) == series)
        }
    }

    @Test func `a series with more labels than fit is refused`() throws {
        let head = TestHead(settings: .small)
        let fitting = Labels((0..<10_000).map { ("n\($0)", "v") })
        let series = try head.series(fitting)
        let key = head.head.key(of: series)
        #expect(key == fitting)
        let tooMany = Labels((0..<10_001).map { ("n\($0)", "v") })
        let error = #expect(throws: HeadError.self) { try head.series(tooMany) }
        #expect(error == .tooManyLabels(count: 10_001, limit: 10_000))
        #expect(head.statistics.seriesCount == 1)
    }

    private static let names = ["__name__", "job", "pod", "code", "old", "absent"]

    private static func labels(_ number: Int, using random: inout SeededGenerator) -> Labels {
        Labels([
            ("__name__", "metric_\(number % 11)"),
            ("job", ["", "api", "db", "web"].randomElement(using: &random) ?? ""),
            ("pod", "pod-\(number / 6)"),
            ("code", number % 2 == 0 ? "" : "\(200 + number % 7)"),
            ("old", number % 3 == 0 ? "" : "yes"),
        ])
    }

    private static func matcher(using random: inout SeededGenerator) throws -> LabelMatcher {
        let operations: [LabelMatcher.Operation] = [.equal, .notEqual, .matches, .notMatches]
        let values = [
            "", "api", "db", "metric_3", "metric_4", "pod-77", "pod-1.*", "metric_.*", ".*", ".+",
            "api|db", "api|", "20[0-4]", "202", "metric_1|metric_2|metric_7", "yes", "nothing",
        ]
        return try LabelMatcher(
            name: names.randomElement(using: &random) ?? "",
            operation: operations.randomElement(using: &random) ?? .equal,
            value: values.randomElement(using: &random) ?? ""
        )
    }
}

extension Set<String> {
    fileprivate func sortedByBytes() -> [String] { Array(self).sortedByBytes() }
}
