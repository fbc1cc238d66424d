import MetricsModel
import Testing

@Suite struct LabelColumnsTests {
    private static func labels(_ number: Int) -> Labels {
        var pairs = [("__name__", "m"), ("a", "\(number % 3)"), ("pod", "pod-\(number)")]
        if number % 2 == 0 { pairs.append(("ab", "c")) }
        // End to end the same as the label before.
        if number % 5 == 0 { pairs.append(("abc", "")) }
        return Labels(pairs)
    }

    private static func fingerprint(_ labels: Labels) -> Fingerprint {
        Fingerprint(seed: TenantSeed(.anonymous), labels: labels)
    }

    @Test(arguments: [0, 1, 100, 4096, 4097, 20_000])
    func `series come back as they went in`(count: Int) {
        var builder = LabelColumnsBuilder()
        let all = (0..<count).map(Self.labels)
        for labels in all { builder.add(Self.fingerprint(labels), key: labels.key) }
        let pieces = builder.finish()
        #expect(pieces.allSatisfy { $0.isConsistent && $0.seriesCount <= 4096 })
        let found = pieces.flatMap { piece in
            (0..<piece.seriesCount).map { (piece.fingerprints[$0], piece.key(of: $0)) }
        }
        #expect(found.map(\.1) == all.map(\.key))
        #expect(found.map(\.0) == all.map(Self.fingerprint))
    }

    @Test func `a label of several series is stored once`() throws {
        var builder = LabelColumnsBuilder()
        for number in 0..<100 {
            let labels = Self.labels(number)
            builder.add(Self.fingerprint(labels), key: labels.key)
        }
        let piece = try #require(builder.finish().first)
        // One metric, three values of a, a hundred pods, ab and abc, the latter without a value left out.
        #expect(
            piece.labelCount
                == Set((0..<100).flatMap { Self.labels($0).pairs.map { "\($0)" } }).count
        )
    }

    @Test func `columns that do not fit each other are found out`() {
        var good = LabelColumns()
        let label = good.addLabel(name: "a".utf8, value: "b".utf8)
        good.addSeries(Fingerprint(high: 1, low: 2), [label])
        #expect(good.isConsistent)
        let changes: [(inout LabelColumns) -> Void] = [
            { $0.stringEnds = [1] }, { $0.stringEnds = [2, 1] }, { $0.stringEnds = [1, 3] },
            { $0.labelNumbers = [1] }, { $0.labelEnds = [2] }, { $0.labelEnds = [] },
            { $0.fingerprints = [] }, { $0.strings = [] }, { $0.labelEnds = [0] },
        ]
        for (number, change) in changes.enumerated() {
            var bad = good
            change(&bad)
            #expect(!bad.isConsistent, "change \(number)")
        }
    }
}
