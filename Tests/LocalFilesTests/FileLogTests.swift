import ClusterInterface
import Foundation
import MetricsModel
import Testing
import WriteAheadLog

@testable import LocalFiles

@Suite struct FileLogTests {
    @Test func `records come back in order after a restart`() async throws {
        let directory = try ScratchDirectory()
        for run in 0..<3 as Range<UInt64> {
            let log = try FileLog(directory: directory.path, segmentSize: 4096)
            var found: [UInt64] = []
            let report = try log.replay { record, segment in
                #expect(segment < log.currentSegment)
                guard case .cutFinished(_, let id) = record else { return }
                found.append(id)
            }
            #expect(found == Array(0..<run * 100))
            #expect(report.segmentCount >= Int(run))
            #expect(report.damaged.isEmpty && report.tornTails.isEmpty)
            for id in run * 100..<run * 100 + 100 { try await log.store(id) }
            log.close()
            log.close()
            #expect(log.failure == .closed)
        }
    }

    @Test func `a ticket waits for the sync`() async throws {
        let directory = try ScratchDirectory()
        let (reached, gate) = (WakeUp(), WakeUp())
        var calls = LogFileCalls.posix
        let syncs = Counter()
        calls.sync = { file in
            // The first sync is that of the new segment.
            if syncs.next() > 1 {
                reached.signal()
                gate.wait()
            }
            return LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls: calls)
        let answered = Counter()
        let ticket = log.append(1)
        let waiting = Task {
            try await log.waitUntilDurable(ticket)
            answered.next()
        }
        reached.wait(until: .now + .seconds(60))
        #expect(syncs.value == 2)
        #expect(answered.value == 0)
        // Written, but not answered: a crash may keep it or not.
        #expect(try directory.snapshot().replay().ids == [1])
        for _ in 0..<10 { gate.signal() }
        try await waiting.value
        #expect(answered.value == 1)
        log.close()
    }

    @Test func `what is answered survives a crash at any time`() async throws {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path, segmentSize: 2048)
        for id in 0..<150 as Range<UInt64> {
            try await log.store(id)
            guard id % 10 == 0 else { continue }
            let (ids, _, report) = try directory.snapshot().replay()
            #expect(ids == Array(0...id))
            #expect(report.damaged.isEmpty && report.tornTails.isEmpty)
        }
        log.close()
    }

    @Test func `callers share syncs`() async throws {
        let directory = try ScratchDirectory()
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { file in
            syncs.next()
            return LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls: calls)
        let tickets = (0..<2000).map { log.append(UInt64($0)) }
        for ticket in tickets { try await log.waitUntilDurable(ticket) }
        await withThrowingTaskGroup { group in
            for id in 2000..<2500 as Range<UInt64> {
                group.addTask { try await log.store(id) }
            }
        }
        log.close()
        #expect(syncs.value < 1500)
        let ids = try directory.snapshot().replay().ids
        #expect(ids.prefix(2000).elementsEqual(0..<2000))
        #expect(Set(ids) == Set(0..<2500))
    }

    @Test func `a full segment is followed by another`() async throws {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path, segmentSize: 1000)
        let record = LogRecordEncoder.cutFinished(tenant: .anonymous, id: 1)
        let first = log.currentSegment
        var taken = 0
        while log.append(record, encodedFor: first) != nil { taken += 1 }
        #expect(taken == (1000 - SegmentHeader.size) / (record.count + RecordFrame.headerSize))
        #expect(log.currentSegment == first + 1)
        #expect(log.append(record, encodedFor: first) == nil)
        // A record larger than a segment has one for itself.
        let huge = [UInt8](repeating: 1, count: 5000)
        let ticket = try #require(log.append(huge, encodedFor: first + 1))
        try await log.waitUntilDurable(ticket)
        #expect(log.append(record, encodedFor: first + 1) == nil)
        try await log.store(2)
        log.rotate()
        #expect(log.currentSegment == first + 3)
        try await log.store(3)
        log.close()
        let (ids, segments, report) = try directory.snapshot().replay()
        #expect(ids.suffix(2) == [2, 3])
        #expect(segments.suffix(2) == [first + 2, first + 3])
        #expect(report.damaged.map(\.segment) == [first + 1], "the huge one is no record")
    }

    @Test func `old segments are deleted and the current one stays`() async throws {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path)
        for id in 0..<4 as Range<UInt64> {
            try await log.store(id)
            log.rotate()
        }
        log.removeSegments(below: 3)
        try await log.store(4)
        log.close()
        #expect(try directory.snapshot().replay().ids == [2, 3, 4])
        let next = try FileLog(directory: directory.path + "/.")
        next.removeSegments(below: .max)
        next.close()
        #expect(try directory.segments == ["00000000000000000006.wal"])
        #expect(next.statistics.removalFailure == nil)
    }

    @Test func `a directory has one log at a time`() throws {
        let directory = try ScratchDirectory()
        let path = directory.path + "/new/wal"
        var log: FileLog? = try FileLog(directory: path)
        #expect(throws: FileLogError.locked(directory: path)) { try FileLog(directory: path) }
        #expect(throws: FileLogError.locked(directory: path)) {
            try FileLog.replay(directory: path) { _, _ in }
        }
        log?.close()
        log = nil
        log = try FileLog(directory: path)
        #expect(log?.currentSegment == 2)
        log?.close()
    }

    @Test func `a damaged record is reported and the rest is kept`() async throws {
        let directory = try ScratchDirectory()
        let log = try FileLog(directory: directory.path)
        for id in 0..<10 as Range<UInt64> { try await log.store(id) }
        let copy = try directory.snapshot()
        log.close()
        let file = URL(filePath: copy.path + "/00000000000000000001.wal")
        var bytes = try Data(contentsOf: file)
        bytes[SegmentHeader.size + RecordFrame.headerSize + 2] ^= 1
        try bytes.write(to: file)
        let (ids, _, report) = try copy.replay()
        #expect(ids == Array(1..<10))
        #expect(report.damaged.map(\.damage.reason) == [.checksumMismatch])
        #expect(report.damaged.first?.description.hasPrefix("segment 1, ") == true)
        // A write that broke off.
        let size = SegmentHeader.size + 10 * (bytes.count > 0 ? recordSize : 0)
        try bytes.prefix(size - 3).write(to: file)
        let torn = try copy.replay()
        #expect(torn.ids == Array(1..<9))
        #expect(torn.report.tornTails == [LogPosition(segment: 1, offset: size - recordSize)])
    }

    private func open(_ directory: ScratchDirectory, calls: LogFileCalls) throws -> FileLog {
        try FileLog(
            directory: directory.path,
            sync: .batch,
            segmentSize: 1 << 20,
            queueSize: 1 << 20,
            calls: calls
        )
    }
}
