internal import BlockFormat
internal import ClusterInterface
public import MetricsModel
internal import Synchronization

/// Carries out the deletions of one tenant: has the ingesters store what they hold, then writes the blocks anew that
/// hold samples which are meant.
///
/// It may be ended anywhere and begun again: a deletion moves on only after what its phase promises is so.
struct DeletionPass {
    /// What the pass needs of its store.
    typealias Store = BlockMaintenance & DeletionStore

    let store: any Store
    let workers: any WorkerPool
    let settings: CompactionSettings
    let deletions: DeletionSupport
    let lease: Lease

    /// Blocks of one call to the catalog.
    private static let pageSize = 64

    /// What a pass did.
    struct Report: Sendable, Equatable {
        /// Deletions that are done now.
        var finished = 0
        /// Blocks written anew, or dropped where nothing was left of them.
        var blocks = 0
        var samples = 0
    }

    /// - Throws: ``CompactionError``, ``StoreError``, `CancellationError`, what asking the ingesters throws.
    func run() async throws -> Report {
        try await storeWhatIsInMemory()
        let stored = try await store.deletionsInForce(of: lease.tenant, overlapping: .all)
            .filter { $0.phase == .stored }
        var report = Report()
        guard let newest = stored.last else { return report }
        let rules = try DeletionRules(stored, parse: deletions.parse)
        let range = stored.reduce(TimeRange(start: 0, end: 0)) { $0.union($1.range) }
        while true {
            let blocks = try await store.blocks(
                of: lease.tenant,
                overlapping: range,
                notSeen: newest.number,
                limit: Self.pageSize
            )
            for block in blocks {
                try Task.checkCancellation()
                let removed = try await rewrite(block, rules, seen: newest.number)
                report.blocks += removed > 0 ? 1 : 0
                report.samples += removed
            }
            guard blocks.count == Self.pageSize else { break }
        }
        // One that a late block has not seen stays for the next pass.
        for deletion in stored where try await store.advance(deletion, to: .done) {
            report.finished += 1
        }
        return report
    }

    private func storeWhatIsInMemory() async throws {
        let ordered = try await store.deletionsInForce(of: lease.tenant, overlapping: .all)
            .filter { $0.phase == .ordered }
        guard !ordered.isEmpty, let storeSamples = deletions.storeSamples else { return }
        try await storeSamples(lease.tenant)
        for deletion in ordered { try await store.advance(deletion, to: .stored) }
    }

    /// - Returns: how many samples the block has lost.
    private func rewrite(
        _ block: BlockRecord,
        _ rules: DeletionRules,
        seen: Int64
    ) async throws -> Int {
        let place = DeletionRules.Place.block(seen: block.deletionsSeen)
        guard try await isMeant(block, rules, place) else {
            try await show([block], for: block, seen, [:])
            return 0
        }
        let removed = Tally()
        let job = MergeJob(
            store: store,
            workers: workers,
            settings: settings,
            filter: SampleFilter { labels, _ in
                rules.hidden(of: labels, in: place)
            } onDrop: { labels, columns in
                for (number, range) in rules.orders(on: labels, in: place) {
                    removed.add(columns.count(in: range), to: number)
                }
            },
            parents: [block],
            level: block.level,
            lease: lease
        )
        let children = try await job.stageChildren { _ in }.children
        try await show(children, for: block, seen, removed.counts)
        return block.sampleCount - children.reduce(0) { $0 + $1.sampleCount }
    }

    private func show(
        _ children: [BlockRecord],
        for block: BlockRecord,
        _ seen: Int64,
        _ removed: [Int64: Int]
    ) async throws {
        try await store.rewrite(
            block,
            as: children,
            seen: seen,
            removed: removed,
            under: lease,
            grace: settings.grace
        )
    }

    /// Whether any series of a block is meant: most blocks have none, and need not be written anew.
    private func isMeant(
        _ block: BlockRecord,
        _ rules: DeletionRules,
        _ place: DeletionRules.Place
    ) async throws -> Bool {
        do {
            let bytes = try await store.read(block, ranges: [block.directory])
            let directory = try BlockDirectory(decoding: bytes.first ?? [])
            for matchers in rules.selectors(in: place) {
                var selection = BlockSelection(
                    directory: directory,
                    matchers: matchers,
                    seed: TenantSeed(lease.tenant)
                )
                if !selection.need.isEmpty {
                    try selection.supply(try await store.read(block, ranges: selection.need))
                }
                if !selection.series.isEmpty { return true }
            }
            return false
        } catch let error as BlockFormatError {
            throw CompactionError.damaged(block: block.id, cause: "\(error)")
        }
    }
}

/// Samples that deletions took, by their numbers.
private final class Tally: Sendable {
    private let state = Mutex<[Int64: Int]>([:])

    var counts: [Int64: Int] { state.withLock { $0 } }

    func add(_ count: Int, to number: Int64) { state.withLock { $0[number, default: 0] += count } }
}

/// What deletions need besides a store.
public struct DeletionSupport: Sendable {
    /// The matchers of a selector in PromQL.
    let parse: @Sendable (String) throws -> [LabelMatcher]
    /// Returns once every ingester has stored what it had in memory of a tenant; throws where one has not.
    ///
    /// Nil where no ingester can be asked: what is still ordered then waits.
    let storeSamples: (@Sendable (TenantID) async throws -> Void)?

    public init(
        parse: @escaping @Sendable (String) throws -> [LabelMatcher],
        storeSamples: (@Sendable (TenantID) async throws -> Void)?
    ) {
        self.parse = parse
        self.storeSamples = storeSamples
    }
}
