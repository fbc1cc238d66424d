import ClusterInterface
import Ingestion
import MetricsModel
import Testing

@Suite struct CountedSeriesTests {
    private static let names = ["up", "requests_total", ""]

    private static func labels(_ number: Int) -> Labels {
        var pairs = [("pod", "pod-\(number)")]
        if !names[number % 3].isEmpty { pairs.append(("__name__", names[number % 3])) }
        return Labels(pairs)
    }

    private static func batch(_ times: [Int64], of numbers: Range<Int>) -> WriteBatch {
        var batch = WriteBatch(tenant: .anonymous)
        for number in numbers {
            let labels = Self.labels(number)
            batch.fingerprints.append(
                Fingerprint(seed: TenantSeed(.anonymous), labels: labels)
            )
            batch.keys += labels.key
            batch.keyEnds.append(UInt32(batch.keys.count))
            batch.timestamps += times
            batch.values += times.map { _ in 1 }
            batch.sampleEnds.append(UInt32(batch.timestamps.count))
        }
        return batch
    }

    @Test func `each series comes once with its labels, of every metric and of none`() async throws
    {
        let fixture = Fixture()
        let start = Fixture.start
        _ = try await fixture.ingester.write(Self.batch([start, start + 1000], of: 0..<30))
        let request = SelectRequest(tenant: .anonymous, matchers: [], range: .all)
        let counted = try await fixture.ingester.countedSeries(request)
        let keys = counted.flatMap { piece in
            (0..<piece.columns.seriesCount).map { piece.columns.key(of: $0) }
        }
        #expect(keys.count == 30)
        #expect(Set(keys) == Set((0..<30).map { Self.labels($0).key }))
        #expect(counted.reduce(0) { $0 + $1.chunkCount } == 30)
        #expect(counted.first?.range == TimeRange(start: start, end: start + 1001))
    }

    @Test func `only series with a sample in the range and that pass are counted`() async throws {
        let fixture = Fixture()
        let start = Fixture.start
        // Both reach over the range, only the second has a sample inside.
        _ = try await fixture.ingester.write(Self.batch([start, start + 9000], of: 0..<9))
        _ = try await fixture.ingester.write(
            Self.batch([start, start + 5000, start + 9000], of: 9..<18)
        )
        let range = TimeRange(start: start + 4000, end: start + 6000)
        func count(_ matchers: [LabelMatcher]) async throws -> Int {
            let request = SelectRequest(tenant: .anonymous, matchers: matchers, range: range)
            return try await fixture.ingester.countedSeries(request)
                .reduce(0) { $0 + $1.columns.seriesCount }
        }
        #expect(try await count([]) == 9)
        #expect(try await count([LabelMatcher(name: "__name__", equals: "up")]) == 3)
        #expect(try await count([LabelMatcher(name: "__name__", equals: "")]) == 3)
        #expect(try await count([LabelMatcher(name: "pod", equals: "pod-1")]) == 0)
        #expect(try await count([LabelMatcher(name: "pod", equals: "pod-11")]) == 1)
    }

    @Test func `a tenant that is not there has no series, and one that replays no answer`()
        async throws
    {
        let request = SelectRequest(tenant: .anonymous, matchers: [], range: .all)
        #expect(try await Fixture().ingester.countedSeries(request).isEmpty)
        await #expect(throws: IngesterError.self) {
            try await Fixture(life: nil).ingester.countedSeries(request)
        }
    }
}
