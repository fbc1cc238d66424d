import BlockFormat
import ClusterInterface
import MetricsModel
import PromQL
import Synchronization
import Testing

@testable import Querying

@Suite struct BlockReaderTests {
    let tenant = TenantID.anonymous
    let series = (0..<4).map { number in
        MemoryIngester.Series(
            labels: ["__name__": "m\(number % 2)", "pod": "\(number)"],
            samples: (0..<10).map { (1000 + Int64($0), Double(number) + Double($0) / 3) }
        )
    }

    @Test func `a block's series are read by matchers, with their bits`() async throws {
        let store = MemoryStore()
        try store.add(tenant, series)
        let reader = BlockReader(store)
        let found = try await reader.select(request(name: "m1"))
        #expect(found.count == 1)
        #expect(found.first?.series.map(\.labels) == [series[1].labels, series[3].labels])
        let last = try found.first?.all.last
        #expect(last?.timestamps == series[3].samples.map(\.0))
        #expect(last?.values == series[3].samples.map(\.1))
    }

    @Test func `blocks come oldest first as the catalog has them, and only those of the range`()
        async throws
    {
        let store = MemoryStore()
        try store.add(tenant, number: 1, [shifted(series[0], by: 0)])
        try store.add(tenant, number: 2, [shifted(series[0], by: 1000)])
        try store.add(tenant, number: 3, [shifted(series[0], by: 2000)])
        var request = request(name: "m0")
        request.range = TimeRange(start: 1009, end: 2001)
        let found = try await BlockReader(store).select(request)
        #expect(try found.compactMap { try $0.all.first?.timestamps.first } == [1000, 2000])
    }

    @Test func `labels are united over blocks`() async throws {
        let store = MemoryStore()
        try store.add(tenant, number: 1, Array(series[0...1]))
        try store.add(tenant, number: 2, Array(series[1...2]))
        let reader = BlockReader(store)
        let all = SelectRequest(tenant: tenant, matchers: [], range: .all)
        #expect(Set(try await reader.series(all)) == Set(series[0...2].map(\.labels)))
        #expect(SortedUnion.strings(try await reader.labelNames(all)) == ["__name__", "pod"])
        let pods = try await reader.labelValues("pod", all)
        #expect(SortedUnion.strings(pods) == ["0", "1", "2"])
        let one = try await reader.labelValues("pod", request(name: "m1"))
        #expect(SortedUnion.strings(one) == ["1"])
        let none = try await reader.labelValues("nobody", all)
        #expect(SortedUnion.strings(none) == [])
    }

    @Test func `a directory is read once, and pages that no matcher needs are not read`()
        async throws
    {
        let store = MemoryStore()
        let record = try store.add(tenant, series)
        let reader = BlockReader(store)
        for _ in 0..<3 { _ = try await reader.select(request(name: "nobody")) }
        #expect(store.reads == [record.directory])
    }

    @Test func `directories, labels and samples of all blocks are a read each`() async throws {
        let calls = CallList()
        let store = MemoryStore(calls: calls)
        for number in 0..<30 as Range<UInt64> {
            try store.add(tenant, number: number, [shifted(series[1], by: Int64(number) * 1000)])
        }
        let reader = BlockReader(store)
        for expected in [["catalog", "read", "read", "read"], ["catalog"]] {
            let before = calls.all.count
            #expect(try await reader.select(request(name: "m1")).count == 30)
            #expect(Array(calls.all[before...]) == expected)
        }
        let before = calls.all.count
        #expect(try await BlockReader(store).series(request(name: "m1")).count == 1)
        #expect(Array(calls.all[before...]) == ["catalog", "read", "read"])
    }

    @Test func `blocks are read together up to a size`() {
        let half = BlockReader.fetchSize / 2
        #expect(BlockReader.spans(of: []) == [])
        #expect(BlockReader.spans(of: [0, 0, 0]) == [0..<3])
        #expect(BlockReader.spans(of: [half, half, 1, half]) == [0..<2, 2..<4])
        #expect(BlockReader.spans(of: [3 * half, 3 * half, 1]) == [0..<1, 1..<2, 2..<3])
    }

    @Test func `bytes near by are not read from the store, and others are kept there`() async throws
    {
        let store = MemoryStore()
        try store.add(tenant, number: 1, [shifted(series[1], by: 0)])
        try store.add(tenant, number: 2, [shifted(series[1], by: 1000)])
        let nearby = MemoryBytes()
        func found() async throws -> [[Double]] {
            try await BlockReader(
                store: store,
                nearby: nearby,
                cacheSize: 0,
                workers: SerialWorkers()
            )
            .select(request(name: "m1"))
            .flatMap { try $0.all.map(\.values) }
        }
        let expected = Array(repeating: series[1].samples.map(\.1), count: 2)
        #expect(try await found() == expected)
        let reads = store.reads.count
        #expect(reads == 8)
        #expect(try await found() == expected)
        #expect(store.reads.count == reads)
        nearby.forget(every: 3)
        #expect(try await found() == expected)
        #expect(store.reads.count == reads + 3)
        #expect(try await found() == expected)
        #expect(store.reads.count == reads + 3)
    }

    @Test func `every damaged byte is an error that names the block, and never a wrong answer`()
        async throws
    {
        let all = SelectRequest(tenant: tenant, matchers: [], range: .all)
        let size = try MemoryStore().add(tenant, series).size
        for byte in stride(from: 0, to: size, by: 3) {
            let store = MemoryStore()
            try store.add(tenant, number: 0x77, series)
            store.damage(byte: byte)
            let reader = BlockReader(store)
            do {
                // A byte that no query reads, such as one of the digests.
                let found = try await reader.select(all)
                let expected = series.sorted { $0.labels < $1.labels }
                #expect(found.flatMap { $0.series.map(\.labels) } == expected.map(\.labels))
                let samples = try found.flatMap { try $0.all }
                #expect(samples.map(\.values) == expected.map { $0.samples.map(\.1) })
            } catch let error as QueryError {
                guard case .damaged(let text) = error else {
                    Issue.record("byte \(byte): \(error)")
                    continue
                }
                #expect(
                    text.hasPrefix("block 000000000000b10c0000000000000077 of tenant anonymous: ")
                )
            }
        }
    }

    @Test(arguments: [
        (StoreError.missing("block 1"), true), (.corrupt("a row"), true),
        (.unavailable("gone"), false), (.schemaMismatch(found: 1, needed: 2), false),
    ])
    func `a store that fails is not a store that is damaged`(
        failure: StoreError,
        isDamage: Bool
    ) async throws {
        let store = MemoryStore()
        try store.add(tenant, series)
        store.fail(with: failure)
        let error = await #expect(throws: QueryError.self) {
            _ = try await BlockReader(store).select(request(name: "m0"))
        }
        switch error {
        case .damaged(let text) where isDamage: #expect(text == failure.description)
        case .unavailable(let text) where !isDamage, .storeAway(let text) where !isDamage:
            #expect(text == failure.description)
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func `a query that is over stops between blocks`() async throws {
        struct Stop: Error {}
        let store = MemoryStore()
        try store.add(tenant, number: 1, [series[0]])
        await #expect(throws: Stop.self) {
            _ = try await BlockReader(store: store, cacheSize: 0, workers: SerialWorkers())
                .select(request(name: "m0"), memory: .unbounded()) { throw Stop() }
        }
    }

    private func request(name: String) -> SelectRequest {
        SelectRequest(
            tenant: tenant,
            matchers: [LabelMatcher(name: "__name__", equals: name)],
            range: .all
        )
    }

    private func shifted(
        _ series: MemoryIngester.Series,
        by offset: Int64
    ) -> MemoryIngester.Series {
        MemoryIngester.Series(
            labels: series.labels,
            samples: series.samples.map { ($0.0 + offset, $0.1) }
        )
    }
}

/// Bytes near by, in memory.
private final class MemoryBytes: BlockBytesCache {
    private struct Key: Hashable {
        let block: BlockID
        let range: Range<Int>
    }

    private let bytes = Mutex<[Key: [UInt8]]>([:])

    func find(_ wanted: [BlockRead]) async -> [[[UInt8]?]] {
        bytes.withLock { bytes in
            wanted.map { one in one.ranges.map { bytes[Key(block: one.block.id, range: $0)] } }
        }
    }

    func keep(_ read: [BlockRead], _ parts: [[[UInt8]]]) {
        bytes.withLock { bytes in
            for (one, parts) in zip(read, parts) {
                for (range, part) in zip(one.ranges, parts) {
                    bytes[Key(block: one.block.id, range: range)] = part
                }
            }
        }
    }

    /// Forgets one of so many ranges.
    func forget(every count: Int) {
        bytes.withLock { bytes in
            let keys = bytes.keys.sorted {
                ($0.block.low, $0.range.lowerBound) < ($1.block.low, $1.range.lowerBound)
            }
            for (index, key) in keys.enumerated() where index % count == 0 { bytes[key] = nil }
        }
    }
}

extension BlockReader {
    /// A reader with a small cache and no threads of its own.
    fileprivate init(_ store: MemoryStore) {
        self.init(store: store, cacheSize: 1 << 20, workers: SerialWorkers())
    }

    /// What passes without a bound on memory.
    fileprivate func select(_ request: SelectRequest) async throws -> [StoredSelection] {
        try await select(request, memory: .unbounded(), check: {})
    }
}

extension StoredSelection {
    /// The samples of all series.
    fileprivate var all: [SampleColumns] {
        get throws {
            try series.indices.map { index in
                var columns = SampleColumns()
                try decode(index, .all, into: &columns)
                return columns
            }
        }
    }
}
