import ClusterInterface
import Foundation
import MetricsModel
import Synchronization
import Testing

@testable import LocalFiles

@Suite struct BlockFileCacheTests {
    private let tenant = TenantID.anonymous

    @Test func `what was kept is found, by its tenant, block and range alone`() async throws {
        let directory = try ScratchDirectory()
        let cache = try BlockFileCache(directory: directory.path, limit: 16 << 20)
        let wanted = [read(1, [0..<100, 500..<900]), read(2, [0..<100])]
        #expect(await cache.find(wanted) == [[nil, nil], [nil]])
        cache.keep(wanted, bytes(wanted))
        await cache.settle()
        #expect(await cache.find(wanted) == expected(wanted))
        #expect(
            await cache.find([read(1, [0..<99, 1..<100, 500..<900])])
                == [[nil, nil, content(1, 500..<900)]]
        )
        let other = BlockRead(record(1, of: try TenantID("other")), ranges: [0..<100])
        #expect(await cache.find([other]) == [[nil]])
        #expect(await cache.find([read(1, [])]) == [[]])
    }

    @Test func `a later process finds what an earlier one kept`() async throws {
        let directory = try ScratchDirectory()
        let wanted = (0..<50).map { read(UInt64($0), [0..<10, 10..<5000]) }
        var size = 0
        do {
            let cache = try BlockFileCache(directory: directory.path, limit: 16 << 20)
            cache.keep(wanted, bytes(wanted))
            await cache.settle()
            size = cache.size
            // One process has the directory.
            #expect(throws: FileLogError.self) {
                try BlockFileCache(directory: directory.path, limit: 16 << 20)
            }
        }
        let cache = try BlockFileCache(directory: directory.path, limit: 16 << 20)
        await cache.settle()
        #expect(cache.size == size)
        #expect(await cache.find(wanted) == expected(wanted))
        // It goes on in another file.
        let more = [read(1000, [0..<77])]
        cache.keep(more, bytes(more))
        await cache.settle()
        #expect(await cache.find(wanted + more) == expected(wanted + more))
        #expect(try directory.blockFiles.count == 2)
    }

    @Test func `the oldest files go, and there are never more bytes than may be`() async throws {
        let directory = try ScratchDirectory()
        let limit = 1 << 20
        let cache = try BlockFileCache(directory: directory.path, limit: limit)
        for number in 0..<400 as Range<UInt64> {
            let one = [read(number, [0..<10_000])]
            cache.keep(one, bytes(one))
            await cache.settle()
            #expect(await cache.find(one) == expected(one))
            #expect(try directory.size <= limit)
        }
        #expect(await cache.find([read(0, [0..<10_000])]) == [[nil]])
        #expect(cache.size > limit / 2)
        let large = [read(1, [0..<limit / 4])]
        cache.keep(large, bytes(large))
        await cache.settle()
        #expect(await cache.find(large) == [[nil]])
    }

    @Test func `a smaller limit holds for what an earlier process left`() async throws {
        let directory = try ScratchDirectory()
        let wanted = (0..<300).map { read(UInt64($0), [0..<10_000]) }
        do {
            let cache = try BlockFileCache(directory: directory.path, limit: 8 << 20)
            cache.keep(wanted, bytes(wanted))
            await cache.settle()
            #expect(cache.size > 3_000_000)
        }
        let cache = try BlockFileCache(directory: directory.path, limit: 1 << 20)
        await cache.settle()
        #expect(try directory.size <= 1 << 20)
        let found = await cache.find(wanted)
        for (found, expected) in zip(found, expected(wanted)) where found[0] != nil {
            #expect(found == expected)
        }
    }

    @Test func `damaged and torn bytes are not found, all others are`() async throws {
        let wanted = (0..<20).map { read(UInt64($0), [0..<700]) }
        let step = 97
        for place in stride(from: 0, to: 20 * 760, by: step) {
            let directory = try ScratchDirectory()
            do {
                let cache = try BlockFileCache(directory: directory.path, limit: 1 << 20)
                cache.keep(wanted, bytes(wanted))
                await cache.settle()
            }
            let file = URL(
                filePath: directory.path + "/" + (try #require(directory.blockFiles.first))
            )
            var stored = try Data(contentsOf: file)
            guard place < stored.count else { continue }
            let recordSize = stored.count / 20
            if place % 2 == 0 {
                stored[place] ^= 0x20
            } else {
                stored.removeLast(stored.count - place)
            }
            try stored.write(to: file)
            let cache = try BlockFileCache(directory: directory.path, limit: 1 << 20)
            await cache.settle()
            let found = await cache.find(wanted)
            for (found, expected) in zip(found, expected(wanted)) {
                #expect(found == [nil] || found == expected, "byte \(place)")
            }
            // Those before the damage are there.
            #expect(found.prefix { $0 != [nil] }.count == place / recordSize, "byte \(place)")
            // What was lost can be kept again.
            cache.keep(wanted, bytes(wanted))
            await cache.settle()
            #expect(await cache.find(wanted) == expected(wanted), "byte \(place)")
        }
    }

    @Test func `bytes that are damaged while the process runs are forgotten`() async throws {
        let directory = try ScratchDirectory()
        let cache = try BlockFileCache(directory: directory.path, limit: 1 << 20)
        let wanted = [read(1, [0..<500]), read(2, [0..<500])]
        cache.keep(wanted, bytes(wanted))
        await cache.settle()
        let path = directory.path + "/" + (try #require(directory.blockFiles.first))
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.seek(toOffset: 200)
        try handle.write(contentsOf: Data(repeating: 0xEE, count: 100))
        try handle.close()
        #expect(await cache.find(wanted) == [[nil], [content(2, 0..<500)]])
        #expect(await cache.find(wanted) == [[nil], [content(2, 0..<500)]])
        cache.keep(wanted, bytes(wanted))
        await cache.settle()
        #expect(await cache.find(wanted) == expected(wanted))
    }

    @Test(arguments: [ENOSPC, EIO])
    func `a disk that takes nothing costs the oldest file at most, and is left alone for a while`(
        code: Int32
    ) async throws {
        let directory = try ScratchDirectory()
        let isFull = Mutex(false)
        let writes = Counter()
        var calls = LogFileCalls.posix
        calls.write = { file, bytes, offset in
            writes.next()
            guard isFull.withLock({ $0 }) else {
                return LogFileCalls.posix.write(file, bytes, offset)
            }
            // A part of the record gets through.
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(60))
            return offset % 2 == 0 && bytes.count > 60
                ? LogFileCalls.posix.write(file, part, offset) : -Int(code)
        }
        let cache = try BlockFileCache(directory: directory.path, limit: 1 << 20, calls: calls)
        let wanted = (0..<60).map { read(UInt64($0), [0..<10_000]) }
        cache.keep(wanted, bytes(wanted))
        await cache.settle()
        let before = await cache.find(wanted).count { $0 != [nil] }
        #expect(before == 60)
        isFull.withLock { $0 = true }
        let failure = ContinuousClock.now
        let more = [read(100, [0..<10_000]), read(101, [0..<10_000])]
        cache.keep(more, bytes(more))
        await cache.settle()
        let tried = writes.value
        #expect(await cache.find(more) == [[nil], [nil]])
        let left = await cache.find(wanted)
        #expect(left.count { $0 != [nil] } >= (code == ENOSPC ? 40 : 60))
        #expect(zip(left, expected(wanted)).allSatisfy { $0 == [nil] || $0 == $1 })
        isFull.withLock { $0 = false }
        cache.keep(more, bytes(more))
        await cache.settle()
        // On a machine that stood still for so long, it may try again.
        if ContinuousClock.now - failure < BlockFileCache.pauseAfterFailure {
            #expect(writes.value == tried)
        }
    }

    @Test func `tasks use it at once`() async throws {
        let directory = try ScratchDirectory()
        let cache = try BlockFileCache(directory: directory.path, limit: 2 << 20)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<100 {
                        let one = [read(UInt64((round * (task + 3)) % 150), [0..<20_000, 3..<9])]
                        let found = await cache.find(one)
                        for (found, whole) in zip(found[0], bytes(one)[0]) where found != nil {
                            #expect(found == whole)
                        }
                        cache.keep(one, bytes(one))
                    }
                }
            }
        }
        await cache.settle()
        #expect(cache.size <= 2 << 20)
        #expect(try directory.size <= 2 << 20)
    }

    private func record(_ number: UInt64, of tenant: TenantID? = nil) -> BlockRecord {
        BlockRecord(
            tenant: tenant ?? self.tenant,
            id: BlockID(high: 7, low: number),
            range: TimeRange(start: 0, end: 1),
            level: 0,
            seriesCount: 1,
            sampleCount: 1,
            size: 1 << 30,
            directory: 0..<1
        )
    }

    private func read(_ number: UInt64, _ ranges: [Range<Int>]) -> BlockRead {
        BlockRead(record(number), ranges: ranges)
    }

    private func bytes(_ wanted: [BlockRead]) -> [[[UInt8]]] {
        wanted.map { one in one.ranges.map { content(one.block.id.low, $0) } }
    }

    /// What is found of them where all is there.
    private func expected(_ wanted: [BlockRead]) -> [[[UInt8]?]] {
        bytes(wanted).map { $0.map { Optional($0) } }
    }

    private func content(_ number: UInt64, _ range: Range<Int>) -> [UInt8] {
        range.map { UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 7) ^ Int(number)) }
    }
}

extension ScratchDirectory {
    /// Names of the cache's files, sorted.
    fileprivate var blockFiles: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".blocks") }.sorted()
        }
    }

    /// Bytes of the cache's files.
    fileprivate var size: Int {
        get throws {
            try blockFiles.reduce(0) { sum, name in
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: path + "/" + name
                )
                return sum + (attributes[.size] as? Int ?? 0)
            }
        }
    }
}
