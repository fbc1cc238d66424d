import ChunkCoding
import HeadStorage
import MetricsModel
import Synchronization
import TestSupport
import Testing

/// Reads in slices while others append, cut and drop.
@Suite struct HeadConcurrencyTests {
    private static let seriesCount = 60
    private static let windowDuration: Int64 = 1000

    @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3] as [UInt64])
    func `a read sees all that was stored before it, and nothing else`(seed: UInt64) async throws {
        let shared = SharedHead(seriesCount: Self.seriesCount)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask { try shared.write(writer, of: 3, seed: seed, rounds: 400) }
            }
            group.addTask { await shared.cutAgainAndAgain() }
            for reader in 0..<2 {
                group.addTask { try shared.read(seed: seed + UInt64(reader), rounds: 60) }
            }
            try await group.waitForAll()
        }
        try shared.read(seed: seed, rounds: 10)
        let created = shared.head.withLock { $0.statistics.seriesCreatedTotal }
        #expect(created >= UInt64(Self.seriesCount))
    }
}

/// A head behind a lock, and next to it how far each series has come.
private final class SharedHead: Sendable {
    let head = Mutex(Head(settings: .small))
    /// Timestamps acknowledged so far by series; samples of a series come every 5 ms from 0.
    private let acknowledged: Mutex<[Int64]>
    /// Samples before this time may be gone.
    private let dropped = Mutex<Int64>(0)
    private let writersLeft = Mutex(3)
    private let labels: [Labels]

    init(seriesCount: Int) {
        acknowledged = Mutex([Int64](repeating: -1, count: seriesCount))
        labels = (0..<seriesCount).map { ["__name__": "m\($0 % 4)", "id": "\($0)"] }
    }

    /// What a series' sample at a time is.
    private static func value(_ series: Int, _ time: Int64) -> Double {
        Double(series) * 1_000_000 + Double(time / 50)
    }

    func write(_ writer: Int, of count: Int, seed: UInt64, rounds: Int) throws {
        var random = SeededGenerator(seed: seed * 31 + UInt64(writer))
        for _ in 0..<rounds {
            for series in stride(from: writer, to: labels.count, by: count)
            where Int.random(in: 0..<3, using: &random) > 0 {
                let time = acknowledged.withLock { $0[series] } + 5
                let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: labels[series])
                let outcome = try head.withLock { head in
                    let reference = try labels[series].key.withUnsafeBufferPointer {
                        try head.createSeries(fingerprint, key: $0)
                    }
                    return head.append(
                        timestamp: time,
                        value: Self.value(series, time),
                        to: reference,
                        lateWindow: 0,
                        now: time,
                        segment: 1
                    )
                }
                #expect(outcome == .stored)
                acknowledged.withLock { $0[series] = time }
            }
        }
        writersLeft.withLock { $0 -= 1 }
    }

    func cutAgainAndAgain() async {
        var id: UInt64 = 1
        while writersLeft.withLock({ $0 > 0 }) {
            let newest = acknowledged.withLock { $0.min() ?? 0 }
            let end = newest - newest % 250
            let isBegun = head.withLock { $0.startCut(id: id, before: end) }
            while head.withLock({ $0.continueCut(limit: 7) }) { await Task.yield() }
            if isBegun {
                dropped.withLock { $0 = max($0, end) }
                // In slices, with reads and appends in between; series leave and come again.
                head.withLock { $0.startFinishing(id, removingSeriesIdleSince: end + 500) }
            }
            while head.withLock({ $0.continueFinishing(limit: 7) }) { await Task.yield() }
            id += 1
            await Task.yield()
        }
    }

    func read(seed: UInt64, rounds: Int) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<rounds {
            let name = "m\(Int.random(in: 0..<4, using: &random))"
            let matcher = LabelMatcher(name: "__name__", equals: name)
            let before = acknowledged.withLock { $0 }
            let found = select([matcher])
            let firstKept = dropped.withLock { $0 }
            for (series, labels) in labels.enumerated() where labels.name == name {
                check(found[labels] ?? [], of: series, upTo: before[series], from: firstKept)
            }
            #expect(found.keys.allSatisfy { $0.name == name })
        }
    }

    /// All series that match, in slices.
    private func select(_ matchers: [LabelMatcher]) -> [Labels: [Sample]] {
        while true {
            var search = head.withLock { $0.search(matchers, .all) }
            var found: [Labels: [Sample]] = [:]
            while !search.isFinished {
                let part = head.withLock { head in
                    head.isCurrent(search) ? head.select(&search, limit: 5) : nil
                }
                guard let part else { break }
                for series in part {
                    let samples = series.chunks.flatMap { (try? $0.samples()) ?? [] }
                    #expect(found.updateValue(samples, forKey: series.labels) == nil)
                }
            }
            if search.isFinished { return found }
        }
    }

    private func check(_ samples: [Sample], of series: Int, upTo last: Int64, from first: Int64) {
        for sample in samples {
            #expect(sample.timestamp % 5 == 4)
            #expect(sample.value == Self.value(series, sample.timestamp))
        }
        let times = samples.map(\.timestamp)
        #expect(zip(times, times.dropFirst()).allSatisfy(<))
        let expected = stride(from: Int64(4), through: last, by: 5).filter { $0 >= first }
        #expect(Set(times).isSuperset(of: expected))
    }
}
