import BlockFormat
import ChunkCoding
import ClusterInterface
import Ingestion
import MetricsModel
import Testing
import WriteAheadLog

@Suite struct HistogramWriteTests {
    let tenant = TenantID.anonymous
    let start = Fixture.start

    private static func histogram(_ count: Double) -> Histogram {
        Histogram(
            schema: 2,
            resetHint: .notReset,
            count: count,
            sum: count / 2,
            positive: .init(indexes: [1, 2], counts: [count, 0])
        )
    }

    /// A series with floats that have starts, and histograms between them; another with histograms only.
    private func batch() -> WriteBatch {
        var batch = WriteBatch(
            tenant,
            [
                WriteBatch.Row(
                    labels: Fixture.labels(1),
                    samples: [(start, 1), (start + 20, 2)]
                ),
                WriteBatch.Row(labels: Fixture.labels(2), samples: []),
            ]
        )
        batch.startTimestamps = [start - 5, 0]
        batch.histogramEnds = [1, 3]
        batch.histograms.timestamps = [start + 10, start + 10, start + 30]
        batch.histograms.values = [Self.histogram(1), Self.histogram(2), .staleMarker]
        batch.histograms.startTimestamps = [0, start - 7, 0]
        return batch
    }

    private func expected() -> [Labels: SampleColumns] {
        [
            Fixture.labels(1): SampleColumns(
                timestamps: [start, start + 20],
                values: [1, 2],
                startTimestamps: [start - 5, 0],
                histograms: HistogramColumns(
                    timestamps: [start + 10],
                    values: [Self.histogram(1)]
                )
            ),
            Fixture.labels(2): SampleColumns(
                histograms: HistogramColumns(
                    timestamps: [start + 10, start + 30],
                    values: [Self.histogram(2), .staleMarker],
                    startTimestamps: [start - 7, 0]
                )
            ),
        ]
    }

    private func expectSame(_ found: [Labels: SampleColumns]) {
        let expected = expected()
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (labels, samples) in expected {
            #expect(found[labels]?.timestamps == samples.timestamps)
            #expect(found[labels]?.values == samples.values)
            #expect(found[labels]?.startTimestamps == samples.startTimestamps)
            #expect(found[labels]?.histograms == samples.histograms)
        }
    }

    private func memory(of ingester: Ingester) async throws -> [Labels: SampleColumns] {
        var found: [Labels: SampleColumns] = [:]
        let request = SelectRequest(tenant: tenant, matchers: [], range: .all)
        for series in try await ingester.select(request) {
            var columns = SampleColumns()
            for chunk in series.chunks {
                try chunk.decode(maximumCount: chunk.count, into: &columns)
            }
            found[series.labels] = columns
        }
        return found
    }

    @Test func `samples of all kinds are stored and read back`() async throws {
        // No late samples: those of a series go in by time, whatever their kind.
        let fixture = Fixture { $0.lateWindow = 0 }
        #expect(try await fixture.ingester.write(batch()) == WriteAnswer())
        expectSame(try await memory(of: fixture.ingester))
        #expect(try await fixture.ingester.write(batch()) == WriteAnswer())
        expectSame(try await memory(of: fixture.ingester))
    }

    @Test func `another histogram for a timestamp is refused by its number`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch())
        var other = batch()
        other.histograms.values[1] = Self.histogram(9)
        let answer = try await fixture.ingester.write(other)
        #expect(
            answer.refusals == [
                WriteAnswer.Refusal(row: 1, sample: 3, reason: .newValueForTimestamp)
            ]
        )
    }

    @Test func `histograms of a row with a wrong key are refused`() async throws {
        let fixture = Fixture()
        var wrong = batch()
        wrong.fingerprints[1] = Fingerprint(high: 1, low: 1)
        let answer = try await fixture.ingester.write(wrong)
        #expect(answer.refusals.map(\.sample) == [3, 4])
        #expect(answer.refusals.allSatisfy { $0.reason == .invalidSeriesKey })
    }

    @Test func `samples of all kinds survive a restart`() async throws {
        let old = Fixture()
        _ = try await old.ingester.write(batch())
        let fixture = Fixture(life: nil) { $0.lateWindow = 0 }
        for record in old.log.records {
            fixture.ingester.replay(
                try record.bytes.withUnsafeBytes { try LogRecord(decoding: $0) },
                segment: record.segment
            )
        }
        fixture.ingester.finishReplay(ReplayOutcome())
        fixture.ingester.setLife(.active)
        expectSame(try await memory(of: fixture.ingester))
        #expect(try await fixture.ingester.write(batch()) == WriteAnswer())
    }

    @Test func `samples of all kinds are in the blocks of a flush`() async throws {
        let fixture = Fixture()
        _ = try await fixture.ingester.write(batch())
        #expect(await fixture.ingester.flushAll().failures.isEmpty)
        let block = try #require(fixture.store.blocks.first)
        #expect(fixture.store.blocks.count == 1)
        #expect(block.record.sampleCount == 5)
        let directory = try BlockDirectory(decoding: Array(block.body[block.record.directory]))
        var query = BlockQuery(directory: directory, matchers: [], seed: TenantSeed(.anonymous))
        while !query.need.isEmpty { try query.supply(query.need.map { Array(block.body[$0]) }) }
        var found: [Labels: SampleColumns] = [:]
        for series in query.series {
            var columns = SampleColumns()
            try query.decode(series, into: &columns)
            found[series.labels] = columns
        }
        expectSame(found)
    }
}
