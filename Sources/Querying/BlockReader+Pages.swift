internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// A block of the catalog, with its directory.
struct LocatedBlock: Sendable {
    let record: BlockRecord
    let directory: BlockDirectory

    /// Runs something that reads the block's bytes.
    ///
    /// - Throws: ``QueryError/damaged(_:)`` that names the block.
    func naming<Value>(_ body: () throws(BlockFormatError) -> Value) throws(QueryError) -> Value {
        do throws(BlockFormatError) {
            return try body()
        } catch {
            throw .damaged("block \(record.id) of tenant \(record.tenant): \(error)")
        }
    }
}

/// Pages that are needed of one block.
struct PageDemand: Sendable {
    let block: LocatedBlock
    let pages: [NeededPage]

    /// Stored bytes.
    var size: Int { pages.reduce(0) { $0 + $1.range.count } }
}

extension BlockReader {
    /// Stored bytes that are fetched together, unless one block alone needs more.
    static var fetchSize: Int { 32 << 20 }

    /// Runs of blocks that are read together.
    ///
    /// - Parameter sizes: Stored bytes that are needed of each.
    static func spans(of sizes: [Int]) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        var start = 0
        var size = 0
        for (index, one) in sizes.enumerated() {
            if index > start, size + one > fetchSize {
                spans.append(start..<index)
                start = index
                size = 0
            }
            size += one
        }
        if start < sizes.count { spans.append(start..<sizes.count) }
        return spans
    }

    /// The blocks of the range with their directories, oldest first; the directories that are not in memory are
    /// read together.
    func locate(_ request: SelectRequest) async throws -> [LocatedBlock] {
        let records = try await store.blocks(of: request.tenant, overlapping: request.range)
        func key(_ record: BlockRecord) -> DirectoryCache.Key {
            DirectoryCache.Key(tenant: record.tenant, block: record.id)
        }
        var found = records.map { directories[key($0)] }
        let missing = found.indices.filter { found[$0] == nil }
        for span in Self.spans(of: missing.map { records[$0].directory.count }) {
            let wanted = missing[span].map {
                BlockRead(records[$0], ranges: [records[$0].directory])
            }
            for (index, bytes) in zip(missing[span], try await fetch(wanted)) {
                let record = records[index]
                do {
                    let directory = try BlockDirectory(decoding: bytes[0])
                    found[index] = directory
                    directories.insert(directory, for: key(record))
                } catch {
                    throw QueryError.damaged(
                        "block \(record.id) of tenant \(record.tenant): \(error)"
                    )
                }
            }
        }
        return zip(records, found).compactMap { record, directory in
            directory.map { LocatedBlock(record: record, directory: $0) }
        }
    }

    /// Takes pages from the cache; the others, of all blocks, are fetched together and opened on all threads.
    func open(_ demands: [PageDemand], _ memory: MemoryAccount) async throws -> [[OpenPage]] {
        func key(_ block: LocatedBlock, _ page: NeededPage) -> PageCache.Key {
            PageCache.Key(
                tenant: block.record.tenant,
                block: block.record.id,
                offset: page.range.lowerBound
            )
        }
        var found = demands.map { demand in demand.pages.map { pages[key(demand.block, $0)] } }
        var missing: [(demand: Int, page: Int, bytes: [UInt8])] = []
        var reads: [BlockRead] = []
        for (index, demand) in demands.enumerated() {
            let lacking = demand.pages.indices.filter { found[index][$0] == nil }
            guard !lacking.isEmpty else { continue }
            reads.append(
                BlockRead(demand.block.record, ranges: lacking.map { demand.pages[$0].range })
            )
            missing += lacking.map { (demand: index, page: $0, bytes: [UInt8]()) }
        }
        if !missing.isEmpty {
            for (number, bytes) in try await fetch(reads).joined().enumerated() {
                missing[number].bytes = bytes
            }
            let lacking = missing
            let opened = Mutex<[Int: Result<OpenPage, QueryError>]>([:])
            let isCancelled = Atomic(false)
            await withTaskCancellationHandler {
                workers.forEach(lacking.count) { number in
                    if isCancelled.load(ordering: .relaxed) { return }
                    let demand = demands[lacking[number].demand]
                    let result = Result { () throws(QueryError) in
                        try demand.block.naming { () throws(BlockFormatError) in
                            try demand.pages[lacking[number].page].open(
                                lacking[number].bytes,
                                directory: demand.block.directory
                            )
                        }
                    }
                    opened.withLock { $0[number] = result }
                }
            } onCancel: {
                isCancelled.store(true, ordering: .relaxed)
            }
            try Task.checkCancellation()
            for (number, result) in opened.withLock({ $0 }) {
                let page = try result.get()
                let place = lacking[number]
                let demand = demands[place.demand]
                found[place.demand][place.page] = page
                pages.insert(page, for: key(demand.block, demand.pages[place.page]))
            }
        }
        let open = found.map { $0.compactMap(\.self) }
        try memory.charge(open.joined().reduce(0) { $0 + $1.size })
        return open
    }

    /// Stored bytes, from the cache near by where it has them.
    func fetch(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        guard let nearby else { return try await fetchFromStore(wanted) }
        var found = await nearby.find(wanted)
        var lacking: [BlockRead] = []
        var places: [(read: Int, ranges: [Int])] = []
        for (index, one) in wanted.enumerated() {
            let ranges = one.ranges.indices.filter { found[index][$0] == nil }
            guard !ranges.isEmpty else { continue }
            lacking.append(BlockRead(one.block, ranges: ranges.map { one.ranges[$0] }))
            places.append((index, ranges))
        }
        guard !lacking.isEmpty else { return found.map { $0.compactMap(\.self) } }
        let fetched = try await fetchFromStore(lacking)
        for (place, parts) in zip(places, fetched) {
            for (range, bytes) in zip(place.ranges, parts) { found[place.read][range] = bytes }
        }
        nearby.keep(lacking, fetched)
        return found.map { $0.compactMap(\.self) }
    }

    private func fetchFromStore(_ wanted: [BlockRead]) async throws -> [[[UInt8]]] {
        let answers = try await store.read(wanted)
        guard answers.count == wanted.count,
            zip(answers, wanted).allSatisfy({ $0.count == $1.ranges.count })
        else { throw StoreError.missing("pages of \(wanted.count) blocks") }
        return answers
    }
}
