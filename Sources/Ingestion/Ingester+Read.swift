public import ClusterInterface
internal import HeadStorage
public import MetricsModel
internal import Synchronization

extension Ingester {
    public func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        guard let head = try readable(request.tenant) else { return [] }
        return try await head.collect(request, settings.readConcurrency) { head, search, limit in
            head.select(&search, limit: limit)
                .map { SelectedSeries(labels: $0.labels, chunks: $0.chunks) }
        }
    }

    public func streamSeries(
        _ request: SelectRequest,
        _ take: @escaping @Sendable (PackedSeries) async throws -> Void
    ) async throws {
        guard let head = try readable(request.tenant) else { return }
        // Which series there are is held, 24 bytes for each; what they hold is read when its turn comes.
        let found = try await head.collect(request, settings.readConcurrency) {
            head,
            search,
            limit in head.find(&search, limit: limit)
        }.sorted { $0.fingerprint < $1.fingerprint }
        var packer = SeriesPacker(pieceSize: settings.pieceSize)
        var left = found[...]
        var sliceCount = 64
        while !left.isEmpty {
            let slice = left.prefix(sliceCount)
            left = left.dropFirst(slice.count)
            try Task.checkCancellation()
            let selected = head.state.withReadLock { $0.head.select(slice, in: request.range) }
            var size = 0
            for (fingerprint, series) in selected {
                let series = SelectedSeries(labels: series.labels, chunks: series.chunks)
                size += series.packedSize
                for piece in packer.add(fingerprint, series) { try await take(piece) }
            }
            // About a piece at a time, however much the series hold.
            sliceCount = sliceCount * settings.pieceSize / max(size, 1)
            sliceCount = min(max(sliceCount, 1), TenantHead.seriesPerSlice)
        }
        if let piece = packer.finish() { try await take(piece) }
    }

    public func series(_ request: SelectRequest) async throws -> [Labels] {
        guard let head = try readable(request.tenant) else { return [] }
        return try await head.collect(request, settings.readConcurrency) { head, search, limit in
            head.series(&search, limit: limit)
        }.sorted()
    }

    public func labelNames(_ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return try head.labels(nil, request)
    }

    public func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return try head.labels(name, request)
    }

    public func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        guard let head = try readable(request.tenant) else { return [] }
        let found = head.state.withReadLock { $0.exemplars.select(request.matchers, request.range) }
        return found.map { SelectedExemplars(labels: $0.labels, exemplars: $0.exemplars) }
    }

    public func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withReadLock { $0.metadata.select(request.metric) }
    }

    public func wholeSince(_ tenant: TenantID, departure: Int64) async throws -> Int64 {
        let life = life
        guard life.takesReads else { throw IngesterError.notAcceptingReads(state: life.name) }
        // No sample is further ahead of the time at which it is taken than the tenant's limit allows.
        let ahead = limits.limits(for: tenant).creationGracePeriodMilliseconds
        let newestElsewhere = max(startedAt, departure).addingReportingOverflow(ahead)
        let newest = max(
            newestElsewhere.overflow ? .max : newestElsewhere.partialValue,
            heads.newestDropped(of: tenant)
        )
        return newest < .max ? newest + 1 : .max
    }

    /// - Throws: ``IngesterError`` while the log is replayed: an answer would have holes.
    func readable(_ tenant: TenantID) throws -> TenantHead? {
        let life = life
        guard life.takesReads else { throw IngesterError.notAcceptingReads(state: life.name) }
        return heads.existing(tenant)
    }
}

/// Reading in slices, so that writers wait for a slice at most.
extension TenantHead {
    /// Candidates that are looked at under one hold of the lock.
    fileprivate static let seriesPerSlice = 512
    /// Candidates that are worth a task of their own.
    private static let seriesPerTask = 2048

    /// How a search stands after a slice.
    enum Progress {
        case more
        case finished
        /// The label index was rebuilt: the search is to be begun again.
        case outdated
    }

    /// Runs a search to its end.
    ///
    /// - Parameter slice: Goes on with the search, looking at so many candidates at most.
    /// - Throws: `CancellationError` between two slices.
    func run<Search>(
        _ begin: (borrowing Head) -> Search,
        slice: (borrowing Head, inout Search, _ limit: Int) -> Progress
    ) throws -> Search {
        while true {
            var search = state.withReadLock { begin($0.head) }
            var progress = Progress.more
            while progress == .more {
                try Task.checkCancellation()
                progress = state.withReadLock { slice($0.head, &search, Self.seriesPerSlice) }
            }
            if progress == .finished { return search }
        }
    }

    /// Everything that the slices of a search find; a large one is carried out in several tasks.
    fileprivate func collect<Found: Sendable>(
        _ request: SelectRequest,
        _ concurrency: Int,
        _ slice: @escaping @Sendable (borrowing Head, inout SeriesSearch, _ limit: Int) -> [Found]
    ) async throws -> [Found] {
        while true {
            let search = state.withReadLock { $0.head.search(request.matchers, request.range) }
            let count = max(1, min(concurrency, search.leftCount / Self.seriesPerTask))
            guard count > 1 else {
                if let found = try collect(search, slice) { return found }
                continue
            }
            let parts = search.parts(count)
            let found = try await withThrowingTaskGroup(of: (Int, [Found]?).self) { group in
                for (number, part) in parts.enumerated() {
                    group.addTask { (number, try self.collect(part, slice)) }
                }
                var found = [[Found]?](repeating: nil, count: count)
                for try await (number, part) in group { found[number] = part }
                return found
            }
            if found.allSatisfy({ $0 != nil }) { return found.flatMap { $0 ?? [] } }
        }
    }

    /// What the slices of a search find; nil where it is to be begun again.
    private func collect<Found>(
        _ search: SeriesSearch,
        _ slice: (borrowing Head, inout SeriesSearch, _ limit: Int) -> [Found]
    ) throws -> [Found]? {
        var search = search
        var found: [Found] = []
        while !search.isFinished {
            try Task.checkCancellation()
            let isCurrent = state.withReadLock { state in
                guard state.head.isCurrent(search) else { return false }
                found += slice(state.head, &search, Self.seriesPerSlice)
                return true
            }
            guard isCurrent else { return nil }
        }
        return found
    }

    /// The values of a label, or the names of all labels, in the order of their bytes.
    ///
    /// - Parameter name: nil asks for names.
    fileprivate func labels(_ name: String?, _ request: SelectRequest) throws -> [String] {
        let isWhole = request.matchers.isEmpty
        if isWhole, let known = labelAnswers[name],
            state.withReadLock({ $0.head.holds(known, in: request.range) })
        {
            return known.strings
        }
        let (search, found) = try run { head in
            (search: Self.labelSearch(name, request, head), found: [String]())
        } slice: { head, state, limit in
            guard var search = state.search.take() else { return .finished }
            guard head.isCurrent(search) else { return .outdated }
            let isMore = head.continueSearch(&search, limit: limit)
            if !isMore { state.found = head.strings(of: search) }
            state.search = search
            return isMore ? .more : .finished
        }
        let strings = found.sortedByBytes()
        if isWhole, let search,
            let answer = state.withReadLock({ $0.head.lasting(search, strings) })
        {
            labelAnswers.keep(answer, for: name)
        }
        return strings
    }

    private static func labelSearch(
        _ name: String?,
        _ request: SelectRequest,
        _ head: borrowing Head
    ) -> LabelSearch? {
        guard let name else { return head.searchLabelNames(request.matchers, request.range) }
        return head.searchLabelValues(name, request.matchers, request.range)
    }
}
