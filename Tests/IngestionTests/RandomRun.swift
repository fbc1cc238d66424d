import ClusterInterface
import Ingestion
import MetricsModel
import TestSupport
import Testing

/// A seeded sequence of writes and flushes of two tenants with the same series, and what must be left of it after
/// each event of the journal.
struct RandomRun {
    static let tenants = [TenantID.anonymous, SampleTenant.other]

    private struct Accepted {
        var series: SampleSet.Series
        var timestamp: Int64
        var bits: UInt64
        /// The journal's length after the write.
        var events: Int
    }

    private var random: SeededGenerator
    private var accepted: [Accepted] = []
    private var known = SampleSet()
    /// Series that the sender has introduced to this process.
    private var introduced: Set<SampleSet.Series> = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static func settings(_ settings: inout Fixture.Settings) {
        settings.blockDuration = 10_000
        settings.flushDelay = 1_000
        settings.lateWindow = 25_000
        settings.maximumSeriesPerBlock = 3
    }

    mutating func pick(below count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func go(on fixture: Fixture, steps: Int) async throws {
        for _ in 0..<steps {
            fixture.clock.advance(by: Int64(pick(below: 3_000)))
            switch pick(below: 12) {
            case 0: fixture.store.fail(for: [Self.tenants[pick(below: 2)]])
            case 1: fixture.store.fail(for: [])
            case 2: _ = await fixture.ingester.flushAll()
            case 3...5: _ = await fixture.ingester.flushDue()
            default: try await write(to: fixture)
            }
        }
    }

    /// Forgets what a crash took.
    mutating func restart(at events: Int) {
        accepted.removeAll { $0.events > events }
        known = expected(after: events)
        introduced = []
    }

    /// The samples whose record is among the first events.
    func expected(after events: Int) -> SampleSet {
        var result = SampleSet()
        for sample in accepted where sample.events <= events {
            result.add(
                sample.series.tenant,
                sample.series.labels,
                sample.timestamp,
                sample.bits
            )
        }
        return result
    }

    private mutating func write(to fixture: Fixture) async throws {
        let tenant = Self.tenants[pick(below: 2)]
        var rows: [WriteBatch.Row] = []
        for number in 0..<5 where pick(below: 3) > 0 {
            let labels = Fixture.labels(number)
            let series = SampleSet.Series(tenant: tenant, labels: labels)
            var times: Set<Int64> = []
            for _ in 0...pick(below: 3) {
                times.insert(fixture.clock.now + 500 - Int64(pick(below: 40_000) >> pick(below: 7)))
            }
            // The value belongs to the time: a sample that comes again is the same.
            let samples = times.sorted().map { ($0, Double($0 % 977) + Double(number)) }
            rows.append(
                .init(labels: labels, samples: samples, hasKey: !introduced.contains(series))
            )
        }
        let batch = WriteBatch(tenant, rows).ofAllKinds
        let answer = try await fixture.ingester.write(batch)
        note(answer, batch, rows, fixture)
        guard !answer.unknownRows.isEmpty else { return }
        // As a distributor does: again, with keys.
        var again = answer.unknownRows.map { rows[Int($0)] }
        for index in again.indices { again[index].hasKey = true }
        let repeated = WriteBatch(tenant, again).ofAllKinds
        let second = try await fixture.ingester.write(repeated)
        #expect(second.unknownRows.isEmpty)
        note(second, repeated, again, fixture)
    }

    private mutating func note(
        _ answer: WriteAnswer,
        _ batch: WriteBatch,
        _ rows: [WriteBatch.Row],
        _ fixture: Fixture
    ) {
        let refused = Set(answer.refusals.map(\.sample))
        #expect(answer.refusals.allSatisfy { $0.reason == .tooOld })
        for row in rows.indices where !answer.unknownRows.contains(UInt32(row)) {
            let series = SampleSet.Series(tenant: batch.tenant, labels: rows[row].labels)
            introduced.insert(series)
            for sample in batch.sampleNumbers(ofRow: row)
            where !refused.contains(UInt32(sample)) {
                let (timestamp, bits) = batch.timeAndBits(ofSample: sample)
                guard known.value(series, at: timestamp) == nil else { continue }
                known.add(series.tenant, series.labels, timestamp, bits)
                accepted.append(
                    Accepted(
                        series: series,
                        timestamp: timestamp,
                        bits: bits,
                        events: fixture.log.journal.count
                    )
                )
            }
        }
    }
}

extension WriteBatch {
    /// The same batch with every third time's sample as a histogram, and another third with start timestamps.
    fileprivate var ofAllKinds: WriteBatch {
        var batch = self
        batch.sampleEnds = []
        batch.timestamps = []
        batch.values = []
        for row in 0..<rowCount {
            for sample in sampleRange(ofRow: row) {
                let timestamp = timestamps[sample]
                let start = timestamp % 3 == 1 ? timestamp - 7 : 0
                guard timestamp % 3 == 0 else {
                    batch.timestamps.append(timestamp)
                    batch.values.append(values[sample])
                    batch.startTimestamps.append(start)
                    continue
                }
                let buckets = Histogram.Buckets(indexes: [0, 4], counts: [values[sample], 1])
                batch.histograms.timestamps.append(timestamp)
                batch.histograms.values.append(Histogram(count: values[sample], positive: buckets))
                batch.histograms.startTimestamps.append(timestamp % 2)
            }
            batch.sampleEnds.append(UInt32(batch.timestamps.count))
            batch.histogramEnds.append(UInt32(batch.histograms.timestamps.count))
        }
        return batch
    }

    fileprivate func sampleNumbers(ofRow row: Int) -> [Int] {
        sampleRange(ofRow: row) + histogramRange(ofRow: row).map { timestamps.count + $0 }
    }

    fileprivate func timeAndBits(ofSample sample: Int) -> (Int64, UInt64) {
        let index = sample - timestamps.count
        guard index >= 0 else {
            let bits = SampleSet.bits(of: values[sample], start: startTimestamps[sample])
            return (timestamps[sample], bits)
        }
        let start = histograms.startTimestamps[index]
        let bits = SampleSet.bits(of: histograms.values[index], start: start)
        return (histograms.timestamps[index], bits)
    }
}

/// A second tenant for tests.
enum SampleTenant {
    static let other: TenantID = {
        do {
            return try TenantID("other")
        } catch {
            preconditionFailure("\(error)")
        }
    }()
}
