import ClusterInterface
import Foundation
import Synchronization
import TestSupport
import Testing
import WriteAheadLog

@testable import LocalFiles

/// What happens after a log could not be written.
@Suite struct LogRestartTests {
    @Test func `a log begins anew once the disk has room again, in a new file`() async throws {
        let directory = try ScratchDirectory()
        let isFull = Mutex(false)
        var calls = LogFileCalls.posix
        calls.write = { file, bytes, offset in
            isFull.withLock { $0 } ? -Int(ENOSPC) : LogFileCalls.posix.write(file, bytes, offset)
        }
        calls.allocate = { file, offset, size in
            isFull.withLock { $0 } ? ENOSPC : LogFileCalls.posix.allocate(file, offset, size)
        }
        let log = try open(directory, calls)
        try await log.store(1)
        isFull.withLock { $0 = true }
        let lost = log.append(2)
        await #expect(throws: FileLogError.self) { try await log.waitUntilDurable(lost) }
        #expect(log.failureReason?.contains("No space left") == true)
        // Still no room: it stays as it is, and may be asked again.
        for _ in 0..<2 { #expect(throws: FileLogError.self) { try log.restart() } }
        await #expect(throws: FileLogError.self) { try await log.store(3) }
        let late = log.append(4)
        isFull.withLock { $0 = false }
        try log.restart()
        #expect(log.failure == nil)
        try await log.store(5)
        // What was lost stays lost, whenever it is asked for.
        for ticket in [lost, late] {
            await #expect(throws: FileLogError.self) { try await log.waitUntilDurable(ticket) }
        }
        #expect(log.statistics.failures == 1)
        log.close()
        #expect(try directory.snapshot().replay().ids == [5])
        #expect(try directory.segments.count == 1)
    }

    @Test func `after a failed sync the file is never synced again, and another one is`()
        async throws
    {
        let directory = try ScratchDirectory()
        let files = Mutex<[Int32]>([])
        let fails = Mutex(false)
        var calls = LogFileCalls.posix
        calls.sync = { file in
            files.withLock { $0.append(file) }
            return fails.withLock { $0 } ? EIO : LogFileCalls.posix.sync(file)
        }
        let log = try open(directory, calls)
        try await log.store(1)
        fails.withLock { $0 = true }
        await #expect(throws: FileLogError.self) { try await log.store(2) }
        let before = files.withLock { $0.count }
        await #expect(throws: FileLogError.self) { try await log.store(3) }
        #expect(files.withLock { $0.count } == before)
        fails.withLock { $0 = false }
        try log.restart()
        try await log.store(4)
        log.close()
        #expect(try directory.segments == ["00000000000000000002.wal"])
        #expect(try directory.snapshot().replay().ids == [4])
    }

    @Test func `a healthy log ignores a restart and a closed one refuses it`() async throws {
        let directory = try ScratchDirectory()
        let log = try open(directory, .posix)
        try await log.store(1)
        try log.restart()
        try await log.store(2)
        log.close()
        #expect(throws: FileLogError.closed) { try log.restart() }
        #expect(try directory.snapshot().replay().ids == [1, 2])
    }

    @Test func `a failed log can be filled, rotated and closed without end`() async throws {
        let directory = try ScratchDirectory()
        var calls = LogFileCalls.posix
        let syncs = Counter()
        calls.sync = { syncs.next() == 2 ? EIO : LogFileCalls.posix.sync($0) }
        let log = try open(directory, calls)
        await #expect(throws: FileLogError.self) { try await log.store(1) }
        let record = [UInt8](repeating: 1, count: 300_000)
        for _ in 0..<20 {
            #expect(log.append(record, encodedFor: log.currentSegment) != nil)
            log.rotate()
        }
        #expect(log.currentSegment == 1)
        log.close()
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a real disk that is full stops the log, and room brings it back`() async throws {
        let disk = try SmallDisk(megabytes: 4)
        let path = disk.path + "/wal"
        let log = try FileLog(directory: path, segmentSize: 1 << 20)
        try await log.store(1)
        try disk.fill()
        log.rotate()
        await #expect(throws: FileLogError.self) { try await log.store(2) }
        #expect(log.failureReason?.contains("No space left") == true)
        try disk.makeRoom()
        try log.restart()
        try await log.store(3)
        log.close()
        var ids: [UInt64] = []
        _ = try FileLog.replay(directory: path) { record, _ in
            if case .cutFinished(_, let id) = record { ids.append(id) }
        }
        #expect(ids == [3])
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `a read-only disk refuses a log and says so`() throws {
        let disk = try SmallDisk(megabytes: 2)
        try disk.setReadOnly(true)
        let error = #expect(throws: FileLogError.self) {
            _ = try FileLog(directory: disk.path + "/wal")
        }
        #expect(error?.description.contains("Read-only file system") == true)
        try disk.setReadOnly(false)
    }

    @Test func `a disk that turns read-only under a log stops it until it is writable again`()
        async throws
    {
        let directory = try ScratchDirectory()
        let isReadOnly = Mutex(false)
        var calls = LogFileCalls.posix
        calls.write = { file, bytes, offset in
            isReadOnly.withLock { $0 } ? -Int(EROFS) : LogFileCalls.posix.write(file, bytes, offset)
        }
        calls.syncDirectory = { directory in
            isReadOnly.withLock { $0 } ? EROFS : LogFileCalls.posix.syncDirectory(directory)
        }
        let log = try open(directory, calls)
        try await log.store(1)
        isReadOnly.withLock { $0 = true }
        await #expect(throws: FileLogError.self) { try await log.store(2) }
        #expect(throws: FileLogError.self) { try log.restart() }
        isReadOnly.withLock { $0 = false }
        try log.restart()
        try await log.store(3)
        log.close()
        #expect(try directory.snapshot().replay().ids == [3])
    }

    private func open(
        _ directory: ScratchDirectory,
        _ calls: LogFileCalls
    ) throws -> FileLog {
        try FileLog(
            directory: directory.path,
            sync: .batch,
            segmentSize: 1 << 20,
            queueSize: 1 << 20,
            calls: calls
        )
    }
}
