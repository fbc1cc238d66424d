public import MetricsModel

/// Where blocks live: a catalog of small rows and the blocks' bytes.
///
/// A block exists when its catalog row is committed. Blocks never change.
public protocol BlockStore: Sendable {
    /// Stores the bytes and the catalog row in one transaction.
    ///
    /// A block that is there but retired becomes live again: its samples count from now on whatever became of them
    /// before. With ``NewBlock/deletionsSeen`` also one that was deleted, and deletions that it has not seen are in force
    /// again if they were done.
    ///
    /// - Returns: false where a live block of this tenant and id exists already; the store is then unchanged, which
    ///   makes a repeated flush harmless.
    /// - Throws: ``StoreError``, of which ``StoreError/deleted(_:newest:)`` leaves the store unchanged.
    @discardableResult
    func publish(_ block: NewBlock) async throws -> Bool

    /// Catalog rows of the tenant's blocks with samples in the range, oldest first.
    func blocks(of tenant: TenantID, overlapping range: TimeRange) async throws -> [BlockRecord]

    /// Bytes of a block, one array for each of the ranges (byte offsets into the body), in one round trip where
    /// they are few.
    ///
    /// - Throws: ``StoreError/missing(_:)`` where the block, or a part of it, is not there.
    func read(_ block: BlockRecord, ranges: [Range<Int>]) async throws -> [[UInt8]]

    /// Bytes of several blocks of one tenant, in the order of the request: for each block what
    /// ``read(_:ranges:)`` answers, in as few round trips.
    func read(_ wanted: [BlockRead]) async throws -> [[[UInt8]]]
}

/// The name of a block, unique within its tenant.
public struct BlockID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits.
    public var description: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    /// The order in which the catalog lists blocks that start at the same time.
    public static func < (left: BlockID, right: BlockID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// A block's row in the catalog.
public struct BlockRecord: Sendable, Equatable {
    public var tenant: TenantID
    public var id: BlockID
    /// From the first sample's time to one past the last sample's.
    public var range: TimeRange
    /// 0 for a flushed block, 1 for one that was merged within its window, 2 for one of a whole day.
    public var level: Int
    public var seriesCount: Int
    public var sampleCount: Int
    /// Bytes of the body.
    public var size: Int
    /// Where in the body the directory stands.
    public var directory: Range<Int>
    /// The number of the newest deletion that cannot mean the block's samples, 0 for none; see ``SeriesDeletion``.
    ///
    /// The store decides it for a block that is published.
    public var deletionsSeen: Int64

    public init(
        tenant: TenantID,
        id: BlockID,
        range: TimeRange,
        level: Int,
        seriesCount: Int,
        sampleCount: Int,
        size: Int,
        directory: Range<Int>,
        deletionsSeen: Int64 = 0
    ) {
        self.tenant = tenant
        self.id = id
        self.range = range
        self.level = level
        self.seriesCount = seriesCount
        self.sampleCount = sampleCount
        self.size = size
        self.directory = directory
        self.deletionsSeen = deletionsSeen
    }
}

/// A block to be stored.
public struct NewBlock: Sendable {
    public var record: BlockRecord
    /// For planning and cardinality, by metric name.
    public var metrics: [MetricSummary]
    public var body: [UInt8]
    /// The newest deletion that cannot mean the block's samples; nil where whoever publishes it took part in all that
    /// the ingesters have carried out.
    public var deletionsSeen: Int64?

    public init(
        record: BlockRecord,
        metrics: [MetricSummary],
        body: [UInt8],
        deletionsSeen: Int64? = nil
    ) {
        self.record = record
        self.metrics = metrics
        self.body = body
        self.deletionsSeen = deletionsSeen
    }
}

/// How much of a block one metric is.
public struct MetricSummary: Sendable, Equatable {
    public var name: String
    public var seriesCount: Int
    public var sampleCount: Int

    public init(name: String, seriesCount: Int, sampleCount: Int) {
        self.name = name
        self.seriesCount = seriesCount
        self.sampleCount = sampleCount
    }
}

/// What can go wrong with a store.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    /// The store does not answer; it may later.
    case unavailable(String)
    /// The store answers, but not with what was committed.
    case missing(String)
    /// A row that our own writers cannot have made.
    case corrupt(String)
    /// Another process holds the identity with a higher epoch.
    case fenced(instance: String, epoch: Int64)
    /// Another process has the lease of this name, or nobody has.
    case leaseLost(String)
    /// A block that was to be replaced is not live any more, or has seen other deletions since.
    case notLive(BlockID)
    /// A block that was to be published had the same samples before, and deletions took them, the newest of this
    /// number or before. If they were written again since, it is to be published as one that has seen that number.
    case deleted(BlockID, newest: Int64)
    /// The schema is not the one this version needs.
    case schemaMismatch(found: Int, needed: Int)

    public var description: String {
        switch self {
        case .unavailable(let cause): "the store does not answer: \(cause)"
        case .missing(let what): "the store lacks \(what)"
        case .corrupt(let what): "the store holds a damaged row: \(what)"
        case .fenced(let instance, let epoch):
            "another process with epoch \(epoch) has taken the identity \"\(instance)\""
        case .leaseLost(let name): "the lease \"\(name)\" is lost"
        case .notLive(let id): "block \(id) is not live any more, or has seen other deletions since"
        case .deleted(let id, let newest):
            "block \(id) was deleted, by deletion \(newest) or one before"
        case .schemaMismatch(let found, let needed):
            "the store has schema version \(found), this version needs \(needed); run 'engram migrate'"
        }
    }
}
