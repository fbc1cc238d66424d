public import ClusterInterface
internal import HeadStorage
public import MetricsModel
internal import Synchronization

extension Ingester {
    public func select(_ request: SelectRequest) async throws -> [SelectedSeries] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.collect(request) { head, search in
            head.select(&search, limit: TenantHead.seriesPerSlice)
                .map { SelectedSeries(labels: $0.labels, chunks: $0.chunks) }
        }
    }

    public func series(_ request: SelectRequest) async throws -> [Labels] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.collect(request) { head, search in
            head.series(&search, limit: TenantHead.seriesPerSlice)
        }.sorted()
    }

    public func labelNames(_ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.collectStrings { $0.searchLabelNames(request.matchers, request.range) }
    }

    public func labelValues(_ name: String, _ request: SelectRequest) async throws -> [String] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.collectStrings {
            $0.searchLabelValues(name, request.matchers, request.range)
        }
    }

    public func exemplars(_ request: SelectRequest) async throws -> [SelectedExemplars] {
        guard let head = try readable(request.tenant) else { return [] }
        let found = head.state.withLock { $0.exemplars.select(request.matchers, request.range) }
        return found.map { SelectedExemplars(labels: $0.labels, exemplars: $0.exemplars) }
    }

    public func metadata(_ request: MetadataRequest) async throws -> [SeenMetadata] {
        guard let head = try readable(request.tenant) else { return [] }
        return head.state.withLock { $0.metadata.select(request.metric) }
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

    /// Everything that the slices of a search find.
    fileprivate func collect<Found: Sendable>(
        _ request: SelectRequest,
        _ slice: (borrowing Head, inout SeriesSearch) -> [Found]
    ) -> [Found] {
        while true {
            var search = state.withLock { $0.head.search(request.matchers, request.range) }
            var found: [Found] = []
            while !search.isFinished {
                let part = state.withLock { state -> [Found]? in
                    state.head.isCurrent(search) ? slice(state.head, &search) : nil
                }
                guard let part else { break }
                found += part
            }
            if search.isFinished { return found }
        }
    }

    /// What a search for names or values finds, in the order of their bytes.
    ///
    /// - Parameter begin: Begins the search; nil finds nothing.
    fileprivate func collectStrings(
        _ begin: (borrowing Head) -> LabelSearch?
    ) -> [String] {
        while true {
            guard var search = state.withLock({ begin($0.head) }) else { return [] }
            var slice = Slice.more
            while case .more = slice {
                slice = state.withLock { state in
                    guard state.head.isCurrent(search) else { return .outdated }
                    let isMore = state.head.continueSearch(&search, limit: Self.seriesPerSlice)
                    return isMore ? .more : .all(state.head.strings(of: search))
                }
            }
            if case .all(let strings) = slice { return strings.sortedByBytes() }
        }
    }

    private enum Slice {
        case more
        case all([String])
        /// The search is to be begun again.
        case outdated
    }
}
