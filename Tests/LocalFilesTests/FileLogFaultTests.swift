import ClusterInterface
import Foundation
import Synchronization
import Testing
import WriteAheadLog

@testable import LocalFiles

@Suite struct FileLogFaultTests {
    @Test func `a full disk fails all that waits and all that comes`() async throws {
        let directory = try ScratchDirectory()
        let isFull = Mutex(false)
        var calls = LogFileCalls.posix
        calls.write = { file, bytes, offset in
            isFull.withLock { $0 } ? -Int(ENOSPC) : LogFileCalls.posix.write(file, bytes, offset)
        }
        let log = try open(directory, calls: calls)
        try await log.store(1)
        isFull.withLock { $0 = true }
        let cause = FileLogError.system(
            operation: "write",
            path: directory.path + "/00000000000000000001.wal",
            offset: SegmentHeader.size + recordSize,
            code: ENOSPC
        )
        await #expect(throws: cause) { try await log.store(2) }
        #expect(log.failure == cause)
        isFull.withLock { $0 = false }
        // Room that appears later does not help: the file may have a hole by now.
        await #expect(throws: cause) { try await log.store(3) }
        log.close()
        #expect(try directory.snapshot().replay().ids == [1])
    }

    @Test func `a failed sync is not tried again`() async throws {
        let directory = try ScratchDirectory()
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { syncs.next() == 3 ? EIO : LogFileCalls.posix.sync($0) }
        let log = try open(directory, calls: calls)
        try await log.store(1)
        let tickets = [log.append(2), log.append(3)]
        await #expect(throws: FileLogError.self) { try await log.waitUntilDurable(tickets[0]) }
        let cause = try #require(log.failure)
        guard case .system(let operation, _, let offset, EIO) = cause, operation == "sync" else {
            Issue.record("\(cause)")
            return
        }
        // One record is safe; one or both of the next ones were written.
        #expect((2...3).contains(((offset ?? 0) - SegmentHeader.size) / recordSize))
        for ticket in tickets {
            await #expect(throws: cause) { try await log.waitUntilDurable(ticket) }
        }
        await #expect(throws: cause) { try await log.store(4) }
        #expect(syncs.value == 3)
        log.close()
        #expect(log.failure == cause)
    }

    @Test func `a new segment that cannot be made fails the log`() async throws {
        let directory = try ScratchDirectory()
        let segments = Counter()
        var calls = LogFileCalls.posix
        calls.allocate = { file, offset, size in
            segments.next() == 2 ? ENOSPC : LogFileCalls.posix.allocate(file, offset, size)
        }
        let log = try open(directory, calls: calls)
        try await log.store(1)
        log.rotate()
        await #expect(throws: FileLogError.self) { try await log.store(2) }
        log.close()
        #expect(try directory.snapshot().replay().ids == [1])
        #expect(try directory.segments.count == 1)
    }

    @Test(arguments: [FileLog.Sync.batch, .off])
    func `who waits for the end of a segment finds it complete`(sync: FileLog.Sync) async throws {
        let directory = try ScratchDirectory()
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { file in
            _ = syncs.next()
            // Time enough for somebody who does not wait.
            usleep(20_000)
            return LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls: calls, sync: sync)
        for id in 1...3 as ClosedRange<UInt64> {
            try await log.store(id)
            let name = try #require(try directory.segments.last)
            let before = syncs.value
            try await log.waitUntilDurable(log.rotate())
            #expect(syncs.value > before)
            let attributes = try FileManager.default.attributesOfItem(
                atPath: directory.path + "/" + name
            )
            let size = try #require(attributes[.size] as? Int)
            #expect(size < 200, "no longer what was reserved")
        }
        log.close()
        #expect(try directory.snapshot().replay().ids == [1, 2, 3])
    }

    @Test func `a log that cannot reserve its first segment does not open`() throws {
        let directory = try ScratchDirectory()
        var calls = LogFileCalls.posix
        calls.allocate = { _, _, _ in ENOSPC }
        let failing = calls
        #expect(throws: FileLogError.self) { try open(directory, calls: failing) }
        let log = try open(directory, calls: .posix)
        #expect(log.currentSegment == 1)
        log.close()
    }

    @Test func `short and interrupted writes are carried on`() async throws {
        let directory = try ScratchDirectory()
        let writes = Counter()
        var calls = LogFileCalls.posix
        calls.write = { file, bytes, offset in
            let turn = writes.next()
            if turn % 3 == 0 { return -Int(EINTR) }
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(turn % 7 + 1))
            return LogFileCalls.posix.write(file, part, offset)
        }
        let log = try open(directory, calls: calls)
        for id in 0..<20 as Range<UInt64> { try await log.store(id) }
        log.close()
        #expect(try directory.snapshot().replay().ids == Array(0..<20))
    }

    @Test func `in interval mode an answer does not wait and the sync comes`() async throws {
        let directory = try ScratchDirectory()
        let (syncs, synced) = (Counter(), WakeUp())
        var calls = LogFileCalls.posix
        calls.sync = { file in
            if syncs.next() == 2 { synced.signal() }
            return LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls: calls, sync: .interval(.milliseconds(50)))
        try await log.store(1)
        synced.wait(until: .now + .seconds(60))
        #expect(syncs.value == 2)
        log.close()
    }

    @Test func `without syncs only the end is synced`() async throws {
        let directory = try ScratchDirectory()
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { file in
            syncs.next()
            return LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls: calls, sync: .off)
        for id in 0..<20 as Range<UInt64> { try await log.store(id) }
        #expect(syncs.value == 1)
        log.close()
        #expect(syncs.value == 2)
        await #expect(throws: FileLogError.closed) { try await log.store(21) }
        #expect(try directory.snapshot().replay().ids == Array(0..<20))
    }

    @Test func `a slow disk shows before its queue grows`() async throws {
        let directory = try ScratchDirectory()
        let gate = WakeUp()
        let syncs = Counter()
        var calls = LogFileCalls.posix
        calls.sync = { file in
            if syncs.next() == 2 { gate.wait() }
            return LogFileCalls.posix.sync(file)
        }
        let log = try FileLog(
            directory: directory.path,
            sync: .batch,
            segmentSize: 1 << 20,
            queueSize: 200,
            calls: calls
        )
        #expect(log.hasRoom)
        let first = log.append(0)
        var id: UInt64 = 1
        while log.hasRoom, id < 100_000 {
            _ = log.append(id)
            id += 1
        }
        #expect(!log.hasRoom)
        gate.signal()
        try await log.waitUntilDurable(first)
        try await log.store(id)
        #expect(log.hasRoom)
        log.close()
    }

    @Test func `what a crash left of a segment in the making is removed`() throws {
        let directory = try ScratchDirectory()
        let leftover = directory.path + "/00000000000000000001.wal.new"
        #expect(FileManager.default.createFile(atPath: leftover, contents: Data([1, 2, 3])))
        let log = try open(directory, calls: .posix)
        log.close()
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(try directory.segments == ["00000000000000000001.wal"])
    }

    private func open(
        _ directory: ScratchDirectory,
        calls: LogFileCalls,
        sync: FileLog.Sync = .batch
    ) throws -> FileLog {
        try FileLog(
            directory: directory.path,
            sync: sync,
            segmentSize: 1 << 20,
            queueSize: 1 << 20,
            calls: calls
        )
    }
}
