import ClusterInterface
import MetricsModel
import Synchronization
import Testing

@testable import Ingestion

@Suite(.timeLimit(.minutes(2))) struct StreamedReadTests {
    private static let all = SelectRequest(tenant: .anonymous, matchers: [], range: .all)

    private static func batch(_ numbers: Range<Int>, at time: Int64) -> WriteBatch {
        WriteBatch(
            .anonymous,
            numbers.map { .init(labels: Fixture.labels($0), samples: [(time, Double($0))]) }
        )
    }

    @Test(arguments: [1, 3])
    func `a stream has what the list has, in order of fingerprints`(concurrency: Int) async throws {
        let fixture = Fixture { $0.readConcurrency = concurrency }
        for minute in 0..<3 as Range<Int64> {
            _ = try await fixture.ingester.write(
                Self.batch(0..<5000, at: Fixture.start + minute * 60_000)
            )
        }
        var requests = [Self.all]
        requests.append(
            SelectRequest(
                tenant: .anonymous,
                matchers: [
                    try LabelMatcher(name: "pod", operation: .matches, value: "pod-.*7")
                ],
                range: TimeRange(start: Fixture.start + 60_000, end: Fixture.start + 90_000)
            )
        )
        // Before all samples, behind them, and nothing at all.
        for range in [
            TimeRange(start: 0, end: 10), TimeRange(start: Fixture.start * 2, end: .max),
            TimeRange(start: 5, end: 5),
        ] {
            requests.append(SelectRequest(tenant: .anonymous, matchers: [], range: range))
        }
        for request in requests {
            let pieces = try await Self.pieces(fixture.ingester, request)
            let list = try await fixture.ingester.select(request)
            let seed = TenantSeed(.anonymous)
            let wanted = list.map { (Fingerprint(seed: seed, labels: $0.labels), $0) }
                .sorted { $0.0 < $1.0 }
            #expect(pieces.flatMap(\.fingerprints) == wanted.map(\.0))
            var expected = PackedSeries()
            for (fingerprint, series) in wanted { expected.append(fingerprint, series) }
            #expect(pieces.flatMap(\.bytes) == expected.bytes)
            #expect(pieces.allSatisfy { $0.bytes.count <= PackedSeries.pieceSize })
        }
    }

    @Test func `series are read when their turn comes`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(Self.batch(0..<20_000, at: Fixture.start))
        let later = Fixture.start + 60_000
        let pieces = Mutex<[PackedSeries]>([])
        try await fixture.ingester.streamSeries(Self.all) { piece in
            let isFirst = pieces.withLock { pieces in
                pieces.append(piece)
                return pieces.count == 1
            }
            // Nothing waits for the reader: it holds no lock while it hands over.
            if isFirst { _ = try await fixture.ingester.write(Self.batch(0..<20_000, at: later)) }
        }
        let all = pieces.withLock { $0 }
        #expect(all.count > 1)
        let counts = try all.map { piece in
            try (0..<piece.count).map { index in
                var cursor = try piece.chunks(at: index)
                var count = 0
                while let chunk = try piece.next(&cursor) { count += chunk.count }
                return count
            }
        }
        #expect(counts.joined().count == 20_000)
        #expect(counts.first?.allSatisfy { $0 == 1 } == true)
        #expect(counts.last?.allSatisfy { $0 == 2 } == true)
    }

    @Test func `series that are flushed while they are read are left out, and no other`()
        async throws
    {
        let fixture = Fixture()
        let last = Fixture.start + Fixture.window - 1
        _ = try await fixture.ingester.write(Self.batch(0..<20_000, at: last))
        let count = Mutex((pieces: 0, series: 0))
        try await fixture.ingester.streamSeries(Self.all) { piece in
            let isFirst = count.withLock { count in
                count.pieces += 1
                count.series += piece.count
                return count.pieces == 1
            }
            guard isFirst else { return }
            try await fixture.ingester.storeSamples(of: .anonymous)
            // New series take the numbers of those that have gone.
            _ = try await fixture.ingester.write(
                Self.batch(50_000..<60_000, at: last + Fixture.window)
            )
        }
        let found = count.withLock { $0 }
        #expect(found.pieces > 0)
        #expect(found.series < 20_000)
        let now = try await Self.pieces(fixture.ingester, Self.all)
        #expect(now.reduce(0) { $0 + $1.count } == 10_000)
    }

    @Test func `a stream that is cancelled ends`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(Self.batch(0..<20_000, at: Fixture.start))
        let pieces = Counter()
        let reading = Task {
            try await fixture.ingester.streamSeries(Self.all) { _ in
                pieces.increment()
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(pieces.count == 1)
    }

    @Test func `an ingester that reads its log streams nothing`() async throws {
        let fixture = Fixture(life: nil)
        await #expect(throws: IngesterError.self) {
            _ = try await Self.pieces(fixture.ingester, Self.all)
        }
    }

    private static func pieces(
        _ ingester: Ingester,
        _ request: SelectRequest
    ) async throws -> [PackedSeries] {
        let found = Mutex<[PackedSeries]>([])
        try await ingester.streamSeries(request) { piece in found.withLock { $0.append(piece) } }
        return found.withLock { $0 }
    }
}
