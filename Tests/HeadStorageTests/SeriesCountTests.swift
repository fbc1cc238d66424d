import MetricsModel
import TestSupport
import Testing

@testable import HeadStorage

@Suite struct SeriesCountTests {
    private static let sets: [Labels] = [
        ["team": "a"], ["team": "a", "zone": "1"], ["team": "never there"], [:],
    ]

    private func labels(_ metric: String, _ pairs: (String, String)...) -> Labels {
        Labels([(Labels.metricName, metric)] + pairs)
    }

    private func metricCount(_ metric: String, _ test: TestHead) -> Int {
        labels(metric).key.withUnsafeBufferPointer { test.head.seriesCount(ofMetricIn: $0) }
    }

    /// What series with these labels belong to, as set and count.
    private func sets(of labels: Labels, _ test: TestHead) -> [[Int]] {
        var found: [[Int]] = []
        labels.key.withUnsafeBufferPointer { key in
            test.head.visitSets(Self.sets, of: key) { found.append([$0, $1]) }
        }
        return found
    }

    @Test
    func `series are counted by metric, whether they came before or after the first question`()
        throws
    {
        let test = TestHead(settings: .small)
        for number in 0..<5 { _ = try test.series(labels("a", ("n", "\(number)"))) }
        #expect(metricCount("a", test) == 5)
        #expect(metricCount("b", test) == 0)
        for number in 5..<8 { _ = try test.series(labels("a", ("n", "\(number)"))) }
        _ = try test.series(labels("a", ("n", "7")))
        _ = try test.series(labels("b"))
        #expect(metricCount("a", test) == 8)
        #expect(metricCount("b", test) == 1)
        // A label with the same value, and a series without a metric name, are of no metric.
        _ = try test.series(["other": "a"])
        #expect(metricCount("a", test) == 8)
        let nameless: Labels = ["other": "a"]
        let count = nameless.key.withUnsafeBufferPointer {
            test.head.seriesCount(ofMetricIn: $0)
        }
        #expect(count == 0)
    }

    @Test func `a series belongs to each set whose labels it has, or to the empty one`() throws {
        let test = TestHead(settings: .small)
        _ = try test.series(labels("m", ("team", "a")))
        _ = try test.series(labels("m", ("team", "a"), ("zone", "1")))
        _ = try test.series(labels("m", ("team", "b")))
        #expect(sets(of: labels("n", ("team", "a")), test) == [[0, 2]])
        #expect(sets(of: labels("n", ("team", "a"), ("zone", "1")), test) == [[0, 2], [1, 1]])
        #expect(sets(of: labels("n", ("team", "a"), ("zone", "11")), test) == [[0, 2]])
        #expect(sets(of: labels("n", ("zone", "1")), test) == [[3, 1]])
        #expect(sets(of: labels("n", ("team", "never there")), test) == [[2, 0]])
        _ = try test.series(labels("n", ("team", "a"), ("zone", "1")))
        _ = try test.series(labels("n", ("team", "never there")))
        _ = try test.series(labels("n"))
        #expect(sets(of: labels("n", ("team", "a"), ("zone", "1")), test) == [[0, 3], [1, 2]])
        #expect(sets(of: labels("n", ("team", "never there")), test) == [[2, 1]])
        #expect(sets(of: labels("x"), test) == [[3, 2]])
    }

    /// Series that come and go, with rebuilds of the label index, against counts of what is there.
    @Test(arguments: [1, 2, 3])
    func `counts stay right as series come and go`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let test = TestHead(settings: .small)
        var known: Set<Labels> = []
        var time: Int64 = 0
        for round in 0..<30 {
            for _ in 0..<200 {
                let number = Int.random(in: 0..<400, using: &generator)
                var pairs = [
                    ("n", "\(number)-\(round / 3)"),
                    ("team", "\("abc".randomElement(using: &generator)!)"),
                ]
                if number % 2 == 0 { pairs.append(("zone", "\(number % 3)")) }
                let labels = Labels([(Labels.metricName, "m\(number % 5)")] + pairs)
                _ = try test.add(time, 1, to: labels)
                known.insert(labels)
            }
            if round % 3 > 0 { try check(test, known) }
            time += 1000
            if round % 3 == 2, test.head.beginCut(id: UInt64(round), before: time - 500) {
                test.head.finishCut(UInt64(round), removingSeriesIdleSince: time)
                known = known.filter { test.reference(of: $0) != nil }
                #expect(known.isEmpty)
            }
            try check(test, known)
        }
    }

    private func check(_ test: TestHead, _ known: Set<Labels>) throws {
        #expect(test.head.seriesCount == known.count)
        for metric in 0..<5 {
            let expected = known.count { $0.name == "m\(metric)" }
            #expect(metricCount("m\(metric)", test) == expected)
        }
        let ofA = known.filter { $0.value(of: "team") == "a" }
        let ofBoth = ofA.count { $0.value(of: "zone") == "1" }
        let found = sets(of: labels("x", ("team", "a"), ("zone", "1")), test)
        #expect(found == [[0, ofA.count], [1, ofBoth]])
        #expect(sets(of: labels("x"), test) == [[3, known.count - ofA.count]])
    }
}
