internal import BlockFormat
public import ClusterInterface
internal import MetricsModel

/// Verifies blocks of a store, several at a time.
public struct BlockVerifier: Sendable {
    /// How far it is.
    public struct Progress: Sendable, Equatable {
        public var blockCount: Int
        public var verifiedBlocks = 0
        /// Bytes of all blocks.
        public var size: Int
        public var verifiedSize = 0

        /// From 0 to 1.
        public var share: Double { size == 0 ? 1 : min(1, Double(verifiedSize) / Double(size)) }
    }

    /// What was found in all blocks.
    public struct Report: Sendable, Equatable {
        public var verified = 0
        public var damaged = 0
        /// Left the catalog while they were read, as compaction and retention do.
        public var gone = 0
    }

    /// What happened.
    public enum Event: Sendable {
        case progress(Progress)
        /// Lines that name each damage of a block.
        case damage([String])
    }

    private let store: any BlockStore
    private let concurrency: Int

    /// - Parameter concurrency: Blocks that are read at the same time; each has some MiB in memory.
    public init(store: any BlockStore, concurrency: Int) {
        self.store = store
        self.concurrency = max(1, concurrency)
    }

    /// - Parameter tell: Called with what happens, in order.
    /// - Throws: Where the store does not answer.
    public func verify(
        _ blocks: [BlockRecord],
        tell: (Event) -> Void
    ) async throws -> Report {
        var progress = Progress(blockCount: blocks.count, size: blocks.reduce(0) { $0 + $1.size })
        var report = Report()
        tell(.progress(progress))
        try await withThrowingTaskGroup(of: Step.self) { group in
            var waiting = blocks[...]
            func begin() {
                guard let block = waiting.popFirst() else { return }
                group.addTask { try await Self.begin(block, store) }
            }
            for _ in 0..<concurrency { begin() }
            while let step = try await group.next() {
                progress.verifiedSize += step.size
                guard step.isDone else {
                    group.addTask { try await Self.advance(step, store) }
                    tell(.progress(progress))
                    continue
                }
                progress.verifiedBlocks += 1
                let damage = step.verification.damage
                if damage.isEmpty {
                    report.verified += 1
                } else if try await isGone(step.block) {
                    report.gone += 1
                } else {
                    report.verified += 1
                    report.damaged += 1
                    tell(.damage(Self.lines(step)))
                }
                tell(.progress(progress))
                begin()
            }
        }
        return report
    }

    /// A block that compaction or retention took out of the catalog meanwhile may lose its bytes.
    private func isGone(_ block: BlockRecord) async throws -> Bool {
        try await store.blocks(of: block.tenant, overlapping: block.range)
            .allSatisfy { $0.id != block.id }
    }

    /// A block that is being verified.
    private struct Step: Sendable {
        let block: BlockRecord
        var verification: BlockVerification
        /// Bytes of the last step.
        var size = 0

        var isDone: Bool { verification.need.isEmpty }
    }

    private static func begin(_ block: BlockRecord, _ store: any BlockStore) async throws -> Step {
        let facts = BlockVerification.Facts(
            seriesCount: block.seriesCount,
            sampleCount: block.sampleCount,
            size: block.size,
            directory: block.directory,
            range: block.range
        )
        let verification = BlockVerification(facts: facts, seed: TenantSeed(block.tenant))
        return try await advance(Step(block: block, verification: verification), store)
    }

    private static func advance(_ step: Step, _ store: any BlockStore) async throws -> Step {
        var next = step
        let before = next.verification.checkedSize
        next.verification.supply(try await read(next.verification.need, of: step.block, store))
        // What cannot be checked is done with, too.
        let end = next.isDone ? step.block.size : next.verification.checkedSize
        next.size = max(0, end - before)
        return next
    }

    /// Reads all ranges, or where that fails, those that can be read.
    private static func read(
        _ ranges: [Range<Int>],
        of block: BlockRecord,
        _ store: any BlockStore
    ) async throws -> [BlockVerification.Supply] {
        do {
            let bytes = try await store.read(block, ranges: ranges)
            if bytes.count == ranges.count { return bytes.map { .bytes($0) } }
        } catch let error as StoreError {
            guard error.isOfBytes else { throw error }
        }
        var supplies: [BlockVerification.Supply] = []
        for range in ranges {
            do {
                let bytes = try await store.read(block, ranges: [range])
                supplies.append(bytes.first.map { .bytes($0) } ?? .missing("nothing came"))
            } catch let error as StoreError {
                guard error.isOfBytes else { throw error }
                supplies.append(.missing(error.description))
            }
        }
        return supplies
    }

    private static func lines(_ step: Step) -> [String] {
        let name = "block \(step.block.id) of tenant \(step.block.tenant.name)"
        var lines = step.verification.damage.map { "\(name): \($0)" }
        let unlisted = step.verification.damageCount - step.verification.damage.count
        if unlisted > 0 { lines.append("\(name): \(unlisted) more") }
        return lines
    }
}

extension StoreError {
    /// Whether the stored bytes are to blame, and not the store.
    fileprivate var isOfBytes: Bool {
        switch self {
        case .missing, .corrupt: true
        case .unavailable, .fenced, .leaseLost, .notLive, .deleted, .schemaMismatch: false
        }
    }
}
