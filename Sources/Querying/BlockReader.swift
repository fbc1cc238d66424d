internal import BlockFormat
internal import ClusterInterface
internal import MetricsModel

/// Reads what a query needs out of a tenant's blocks: the catalog, the directories, and only the pages that
/// matchers and times need.
struct BlockReader: Sendable {
    let store: any BlockStore
    private let directories: DirectoryCache

    init(store: any BlockStore) {
        self.store = store
        directories = DirectoryCache(maximumCount: 4096)
    }

    /// For each block, its series that pass, sorted by labels.
    func select(
        _ request: SelectRequest,
        check: @Sendable () throws -> Void
    ) async throws -> [[StoredSeries]] {
        try await forEachBlock(request) { block, directory in
            try check()
            var query = BlockQuery(directory: directory, matchers: request.matchers)
            while !query.need.isEmpty {
                try query.supply(try await store.read(block, ranges: query.need))
                try check()
            }
            return try query.series.map { series in
                var timestamps: [Int64] = []
                var values: [Double] = []
                try query.decode(series, into: &timestamps, &values)
                return StoredSeries(labels: series.labels, timestamps: timestamps, values: values)
            }
        }
    }

    func series(_ request: SelectRequest) async throws -> Set<Labels> {
        let found = try await forEachBlock(request) { block, directory in
            var selection = BlockSelection(directory: directory, matchers: request.matchers)
            while !selection.need.isEmpty {
                try selection.supply(try await store.read(block, ranges: selection.need))
            }
            return selection.series.map(\.labels)
        }
        return Set(found.joined())
    }

    func labelNames(_ request: SelectRequest) async throws -> Set<String> {
        try await ask(.labelNames, request)
    }

    func labelValues(_ name: String, _ request: SelectRequest) async throws -> Set<String> {
        try await ask(.labelValues(name), request)
    }

    private func ask(
        _ question: BlockLabelQuery.Question,
        _ request: SelectRequest
    ) async throws -> Set<String> {
        let found = try await forEachBlock(request) { block, directory in
            var query = BlockLabelQuery(question, directory: directory, matchers: request.matchers)
            while !query.need.isEmpty {
                try query.supply(try await store.read(block, ranges: query.need))
            }
            return query.answer
        }
        return Set(found.joined())
    }

    /// Calls the body for each block of the range, oldest first.
    ///
    /// - Throws: ``QueryError`` that names the block where its bytes are damaged or the store does not answer.
    private func forEachBlock<Answer>(
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
