internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL
internal import Synchronization

/// Reads what a query needs out of a tenant's blocks: the catalog, the directories, and only the pages that
/// matchers and times need.
struct BlockReader: Sendable {
    let store: any BlockStore
    private let directories: DirectoryCache
    private let pages: PageCache
    private let answers = LabelAnswerCache()
    private let workers: any EvaluationWorkers

    /// - Parameters:
    ///   - cacheSize: Bytes of pages to keep.
    ///   - workers: Threads that open pages.
    init(store: any BlockStore, cacheSize: Int, workers: any EvaluationWorkers) {
        self.store = store
        self.workers = workers
        directories = DirectoryCache(maximumCount: 4096)
        pages = PageCache(limit: cacheSize)
    }

    /// For each block, oldest first, its series that pass, ready to be decoded.
    ///
    /// - Parameter memory: Where the bytes of open pages are counted.
    func select(
        _ request: SelectRequest,
        memory: MemoryAccount,
        check: @Sendable () throws -> Void
    ) async throws -> [StoredSelection] {
        let seed = TenantSeed(request.tenant)
        return try await forEachBlock(request) { block, directory in
            try check()
            var selection = BlockSelection(
                directory: directory,
                matchers: request.matchers,
                seed: seed
            )
            selection.supply(try await open(selection.neededPages, of: block, directory, memory))
            guard !selection.series.isEmpty else { return StoredSelection.none }
            var samples = try BlockSamples(directory: directory, series: selection.series)
            try check()
            samples.supply(try await open(samples.neededPages, of: block, directory, memory))
            try memory.charge(samples.sharedSize)
            return StoredSelection(block: block, selection: selection, samples: samples)
        }.filter { !$0.series.isEmpty }
    }

    /// Label sets of the series in all blocks, each once, in no particular order.
    func series(_ request: SelectRequest) async throws -> [Labels] {
        let seed = TenantSeed(request.tenant)
        var known: Set<Fingerprint> = []
        let selections = try await forEachBlock(request) { block, directory in
            var selection = BlockSelection(
                directory: directory,
                matchers: request.matchers,
                seed: seed
            )
            selection.supply(
                try await open(selection.neededPages, of: block, directory, .unbounded())
            )
            return selection.series
        }
        var found: [Labels] = []
        for series in selections.joined() where known.insert(series.fingerprint).inserted {
            found.append(series.labels)
        }
        return found
    }

    /// The label names of each block, sorted.
    func labelNames(_ request: SelectRequest) async throws -> [[String]] {
        try await ask(.labelNames, request)
    }

    /// The values of one label in each block, sorted.
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [[String]] {
        try await ask(.labelValues(name), request)
    }

    private func ask(
        _ question: BlockLabelQuery.Question,
        _ request: SelectRequest
    ) async throws -> [[String]] {
        try await forEachBlock(request) { block, directory in
            let key = LabelAnswerCache.Key(
                tenant: block.tenant,
                block: block.id,
                question: question
            )
            if request.matchers.isEmpty, let answer = answers[key] { return answer }
            var query = BlockLabelQuery(question, directory: directory, matchers: request.matchers)
            query.supply(try await open(query.neededPages, of: block, directory, .unbounded()))
            let answer = query.answer
            if request.matchers.isEmpty { answers.insert(answer, for: key) }
            return answer
        }
    }

    /// Takes pages from the cache; the others are fetched together and opened on all threads.
    func open(
        _ needed: [NeededPage],
        of block: BlockRecord,
        _ directory: BlockDirectory,
        _ memory: MemoryAccount
    ) async throws -> [OpenPage] {
        guard !needed.isEmpty else { return [] }
        func key(_ page: NeededPage) -> PageCache.Key {
            PageCache.Key(tenant: block.tenant, block: block.id, offset: page.range.lowerBound)
        }
        var found = needed.map { pages[key($0)] }
        let missing = needed.indices.filter { found[$0] == nil }
        if !missing.isEmpty {
            let bytes = try await store.read(block, ranges: missing.map { needed[$0].range })
            guard bytes.count == missing.count else {
                throw StoreError.missing("pages of block \(block.id)")
            }
            let opened = Mutex<[Int: Result<OpenPage, BlockFormatError>]>([:])
            workers.forEach(missing.count) { index in
                let result = Result { () throws(BlockFormatError) in
                    try needed[missing[index]].open(bytes[index], directory: directory)
                }
                opened.withLock { $0[index] = result }
            }
            for (index, result) in opened.withLock({ $0 }) {
                let page = try result.get()
                found[missing[index]] = page
                pages.insert(page, for: key(needed[missing[index]]))
            }
        }
        let open = found.compactMap(\.self)
        try memory.charge(open.reduce(0) { $0 + $1.size })
        return open
    }

    /// Calls the body for each block of the range, oldest first.
    ///
    /// - Throws: ``QueryError`` that names the block where its bytes are damaged or the store does not answer.
    func forEachBlock<Answer>(
        _ request: SelectRequest,
        _ body: (BlockRecord, BlockDirectory) async throws -> Answer
    ) async throws -> [Answer] {
        var answers: [Answer] = []
        do {
            for block in try await store.blocks(of: request.tenant, overlapping: request.range) {
                do {
                    answers.append(try await body(block, try await directory(of: block)))
                } catch let error as BlockFormatError {
                    throw QueryError.damaged(
                        "block \(block.id) of tenant \(block.tenant): \(error)"
                    )
                }
            }
        } catch let error as StoreError {
            switch error {
            case .corrupt, .missing: throw QueryError.damaged(error.description)
            default: throw QueryError.unavailable(error.description)
            }
        }
        return answers
    }

    private func directory(of block: BlockRecord) async throws -> BlockDirectory {
        let key = DirectoryCache.Key(tenant: block.tenant, block: block.id)
        if let cached = directories[key] { return cached }
        let bytes = try await store.read(block, ranges: [block.directory])
        guard let bytes = bytes.first else {
            throw StoreError.missing("the directory of block \(block.id)")
        }
        let directory = try BlockDirectory(decoding: bytes)
        directories.insert(directory, for: key)
        return directory
    }
}

/// The series of one block that pass, with all pages that hold their samples.
///
/// A class: threads that read series from it would otherwise count references to each of its parts, time and again.
final class StoredSelection: Sendable {
    /// Nil for a selection without series.
    let block: BlockRecord?
    let series: [BlockSeries]
    /// The label tables of the series.
    let tables: BlockTables?
    let samples: BlockSamples?

    init(block: BlockRecord, selection: BlockSelection, samples: BlockSamples) {
        self.block = block
        series = selection.series
        tables = selection.tables
        self.samples = samples
    }

    private init() {
        block = nil
        series = []
        tables = nil
        samples = nil
    }

    static let none = StoredSelection()

    /// Appends the samples of a series.
    func decode(
        _ index: Int,
        _ needed: NeededValues,
        into columns: inout SampleColumns
    ) throws {
        do throws(BlockFormatError) {
            try samples?.decode(series[index], needed: needed, into: &columns)
        } catch {
            let name = block.map { "block \($0.id) of tenant \($0.tenant)" } ?? "a block"
            throw QueryError.damaged("\(name): \(error)")
        }
    }
}
