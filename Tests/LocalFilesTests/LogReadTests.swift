import ClusterInterface
import Foundation
import MetricsModel
import Synchronization
import Testing
import WriteAheadLog

@testable import LocalFiles

/// Reading an old log: what is missing, what the disk does not give, and who gets the records.
@Suite struct LogReadTests {
    @Test func `a missing segment is reported and the others are read`() async throws {
        let directory = try ScratchDirectory()
        try await fill(directory, segments: 6)
        for number in [3, 4] {
            try FileManager.default.removeItem(
                atPath: directory.path + "/0000000000000000000\(number).wal"
            )
        }
        let (ids, _, report) = try directory.replay()
        #expect(ids == [1, 2, 5, 6])
        #expect(report.missing == [3..<5])
        let log = try FileLog(directory: directory.path)
        let old = try log.segments(in: 0..<log.currentSegment)
        #expect(old.numbers == [1, 2, 5, 6])
        #expect(old.report.missing == [3..<5])
        log.close()
    }

    @Test func `blocks that the disk cannot read cost their records and are reported`()
        async throws
    {
        let directory = try ScratchDirectory()
        let first = try FileLog(directory: directory.path)
        for id in 0..<1000 as Range<UInt64> { try await first.store(id) }
        first.close()
        let bad = 8192..<12_288
        var calls = LogFileCalls.posix
        calls.read = { file, bytes, offset in
            let wanted = offset..<offset + bytes.count
            return wanted.overlaps(bad) ? -Int(EIO) : LogFileCalls.posix.read(file, bytes, offset)
        }
        let log = try FileLog(
            directory: directory.path,
            sync: .batch,
            segmentSize: 1 << 20,
            queueSize: 1 << 20,
            calls: calls
        )
        var ids: [UInt64] = []
        let report = try log.replay { record, _ in
            if case .cutFinished(_, let id) = record { ids.append(id) }
        }
        log.close()
        #expect(report.unreadable == [LogPosition(segment: 1, offset: 8192)])
        #expect(report.damaged.count == 1)
        let lost = Set(0..<1000).subtracting(ids)
        let size = try #require(report.damaged.first).damage.size
        #expect(size >= 4096 && size < 4200)
        #expect((1...200).contains(lost.count), "\(lost.count)")
        #expect(lost.max().map { $0 - (lost.min() ?? 0) + 1 } == UInt64(lost.count))
    }

    @Test func `a record larger than what is read at a time is read whole`() async throws {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path, segmentSize: 4 << 20)
        var encoder = LogRecordEncoder()
        for index in 0..<300_000 {
            encoder.add(reference: UInt32(index), timestamp: Int64(index), value: 1)
        }
        let record = encoder.finish(tenant: .anonymous)
        let ticket = try #require(log.append(record, encodedFor: 1))
        try await log.waitUntilDurable(ticket)
        try await log.store(7)
        log.close()
        var counts: [Int] = []
        let report = try FileLog.replay(directory: directory.path) { record, _ in
            if case .samples(let samples) = record { counts.append(samples.references.count) }
        }
        #expect(counts == [300_000])
        #expect(report.recordCount == 2)
    }

    @Test(arguments: [1, 3]) func `threads get each tenant's records in order`(
        threads: Int
    ) async throws {
        let directory = try ScratchDirectory()
        let tenants = try (0..<7).map { try TenantID("team-\($0)") }
        let first = try FileLog(directory: directory.path)
        for id in 0..<2000 as Range<UInt64> {
            let tenant = tenants[Int(id * id % 7)]
            let record = LogRecordEncoder.cutFinished(tenant: tenant, id: id)
            let ticket = try #require(first.append(record, encodedFor: 1))
            if id == 1999 { try await first.waitUntilDurable(ticket) }
        }
        first.close()
        let log = try FileLog(directory: directory.path)
        let found = Mutex<[TenantID: [UInt64]]>([:])
        let report = try log.replay(segment: 1, threads: threads) { record, segment in
            guard case .cutFinished(let tenant, let id) = record, segment == 1 else { return }
            found.withLock { $0[tenant, default: []].append(id) }
        }
        log.close()
        #expect(report.recordCount == 2000)
        let ids = found.withLock { $0 }
        #expect(ids.values.reduce(0) { $0 + $1.count } == 2000)
        for list in ids.values { #expect(list == list.sorted()) }
    }

    @Test func `a segment goes on while its definitions are an eighth of it or more`() async throws
    {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path, segmentSize: 10_000)
        let record = [UInt8](repeating: 1, count: 984)
        // Three records of definitions, then samples: 24 records of 1000 bytes may be there.
        for number in 0..<24 {
            let ticket = log.append(
                record,
                definitionsSize: number < 3 ? 1000 : 0,
                encodedFor: 1
            )
            #expect((ticket != nil) == (number < 23), "record \(number)")
        }
        #expect(log.currentSegment == 2)
        log.close()
        #expect(log.failure == .closed)
    }

    @Test func `all records that wait share one sync`() async throws {
        let directory = try ScratchDirectory()
        let (reached, gate) = (WakeUp(), WakeUp())
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { file in
            // The first sync is that of the new segment, the second the first record's.
            if syncs.next() == 2 {
                reached.signal()
                gate.wait()
            }
            return LogFileCalls.posix.sync(file)
        }
        let log = try FileLog(
            directory: directory.path,
            sync: .batch,
            segmentSize: 1 << 20,
            queueSize: 1 << 20,
            calls: calls
        )
        let first = log.append(0)
        reached.wait(until: .now + .seconds(60))
        let waiting = (1...5000).map { log.append(UInt64($0)) }
        gate.signal()
        try await log.waitUntilDurable(first)
        for ticket in waiting { try await log.waitUntilDurable(ticket) }
        #expect(syncs.value == 3)
        #expect(log.statistics.records == 5001)
        #expect(log.statistics.syncs == 2)
        log.close()
    }

    private func fill(_ directory: ScratchDirectory, segments: UInt64) async throws {
        let log = try FileLog(directory: directory.path)
        for id in 1...segments {
            try await log.store(id)
            if id < segments { log.rotate() }
        }
        log.close()
    }
}
