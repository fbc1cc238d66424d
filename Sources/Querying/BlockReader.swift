internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel
internal import PromQL

/// Reads what a query needs out of a tenant's blocks: the catalog, the directories, and only the pages that
/// matchers and times need.
///
/// Each of these is one read of all blocks together, or a few where they are large.
struct BlockReader: Sendable {
    let store: any BlockStore
    /// Bytes of blocks near by; nil where there is no such cache.
    let nearby: (any BlockBytesCache)?
    let directories: DirectoryCache
    let pages: PageCache
    private let answers = LabelAnswerCache()
    let workers: any EvaluationWorkers

    /// - Parameters:
    ///   - cacheSize: Bytes of pages to keep, and a quarter as many of directories.
    ///   - workers: Threads that open pages.
    init(
        store: any BlockStore,
        nearby: (any BlockBytesCache)? = nil,
        cacheSize: Int,
        workers: any EvaluationWorkers
    ) {
        self.store = store
        self.nearby = nearby
        self.workers = workers
        directories = DirectoryCache(limit: cacheSize / 4)
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
        try await QueryError.translating {
            let found = try await selections(request, memory: memory, check: check)
                .filter { !$0.selection.series.isEmpty }
            var samples = try found.map { block, selection in
                try block.naming { () throws(BlockFormatError) in
                    try BlockSamples(directory: block.directory, series: selection.series)
                }
            }
            let demands = zip(found, samples).map {
                PageDemand(block: $0.block, pages: $1.neededPages)
            }
            for span in Self.spans(of: demands.map(\.size)) {
                try check()
                for (index, pages) in zip(span, try await open(Array(demands[span]), memory)) {
                    samples[index].supply(pages)
                }
            }
            try memory.charge(samples.reduce(0) { $0 + $1.sharedSize })
            return zip(found, samples).map { found, samples in
                StoredSelection(
                    block: found.block.record,
                    selection: found.selection,
                    samples: samples
                )
            }
        }
    }

    /// Label sets of the series in all blocks, each once, in no particular order.
    ///
    /// - Parameter rules: What deletions hide in blocks.
    func series(
        _ request: SelectRequest,
        _ rules: ([BlockRecord]) async throws -> DeletionRules = { _ in .none }
    ) async throws -> [Labels] {
        try await QueryError.translating {
            let selections = try await selections(request, memory: .unbounded(), check: {})
            let rules = try await rules(selections.map(\.block.record))
            var known: Set<Fingerprint> = []
            var found: [Labels] = []
            for (block, selection) in selections {
                let place = DeletionRules.Place.block(seen: block.record.deletionsSeen)
                let isConcerned = rules.concern(place)
                let range = TimeRange(
                    start: max(request.range.start, block.record.range.start),
                    end: min(request.range.end, block.record.range.end)
                )
                for series in selection.series where !known.contains(series.fingerprint) {
                    let labels = series.labels
                    if isConcerned, rules.hide(labels, in: place, within: range) { continue }
                    known.insert(series.fingerprint)
                    found.append(labels)
                }
            }
            return found
        }
    }

    /// The label names of each block, sorted.
    func labelNames(_ request: SelectRequest) async throws -> [[String]] {
        try await ask(.labelNames, request)
    }

    /// The values of one label in each block, sorted.
    func labelValues(_ name: String, _ request: SelectRequest) async throws -> [[String]] {
        try await ask(.labelValues(name), request)
    }

    /// The series of each block that pass.
    private func selections(
        _ request: SelectRequest,
        memory: MemoryAccount,
        check: @Sendable () throws -> Void
    ) async throws -> [(block: LocatedBlock, selection: BlockSelection)] {
        let seed = TenantSeed(request.tenant)
        var found = try await locate(request).map { block in
            let selection = BlockSelection(
                directory: block.directory,
                matchers: request.matchers,
                seed: seed
            )
            return (block: block, selection: selection)
        }
        let demands = found.map { PageDemand(block: $0.block, pages: $0.selection.neededPages) }
        for span in Self.spans(of: demands.map(\.size)) {
            try check()
            for (index, pages) in zip(span, try await open(Array(demands[span]), memory)) {
                try found[index].selection.supply(pages) {
                    try check()
                    try Task.checkCancellation()
                }
            }
        }
        return found
    }

    private func ask(
        _ question: BlockLabelQuery.Question,
        _ request: SelectRequest
    ) async throws -> [[String]] {
        try await QueryError.translating {
            let blocks = try await locate(request)
            let matchers = request.matchers.map(LabelAnswerCache.Matcher.init)
            func key(_ block: LocatedBlock) -> LabelAnswerCache.Key {
                LabelAnswerCache.Key(
                    tenant: block.record.tenant,
                    block: block.record.id,
                    question: question,
                    matchers: matchers
                )
            }
            var found = blocks.map { answers[key($0)] }
            let missing = found.indices.filter { found[$0] == nil }
            var queries = missing.map {
                BlockLabelQuery(
                    question,
                    directory: blocks[$0].directory,
                    matchers: request.matchers
                )
            }
            let demands = zip(missing, queries).map {
                PageDemand(block: blocks[$0], pages: $1.neededPages)
            }
            for span in Self.spans(of: demands.map(\.size)) {
                let opened = try await open(Array(demands[span]), .unbounded())
                for (index, pages) in zip(span, opened) {
                    try Task.checkCancellation()
                    queries[index].supply(pages)
                    let answer = queries[index].answer
                    found[missing[index]] = answer
                    answers.insert(answer, for: key(blocks[missing[index]]))
                }
            }
            return found.compactMap(\.self)
        }
    }
}

/// The series of one block that pass, with all pages that hold their samples.
///
/// A class: threads that read series from it would otherwise count references to each of its parts, time and again.
final class StoredSelection: Sendable {
    let block: BlockRecord
    let series: [BlockSeries]
    /// The label tables of the series.
    let tables: BlockTables
    let samples: BlockSamples

    init(block: BlockRecord, selection: BlockSelection, samples: BlockSamples) {
        self.block = block
        series = selection.series
        tables = selection.tables
        self.samples = samples
    }

    /// Appends the samples of a series.
    ///
    /// - Throws: ``QueryError/damaged(_:)``, ``QueryError/cancelled``.
    func decode(
        _ index: Int,
        _ needed: NeededValues,
        isCancelled: () -> Bool = { false },
        into columns: inout SampleColumns
    ) throws {
        do throws(BlockFormatError) {
            try samples.decode(
                series[index],
                needed: needed,
                isCancelled: isCancelled,
                into: &columns
            )
        } catch {
            if error == .cancelled { throw QueryError.cancelled }
            throw QueryError.damaged("block \(block.id) of tenant \(block.tenant): \(error)")
        }
    }
}
