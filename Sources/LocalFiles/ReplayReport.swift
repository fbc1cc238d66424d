public import WriteAheadLog

/// What reading a log's old segments found.
public struct ReplayReport: Sendable, Equatable {
    public var segmentCount = 0
    public var recordCount = 0
    /// Bytes of all segment files.
    public var byteCount = 0
    /// Stretches that were skipped.
    public var damaged: [LogDamage] = []
    /// Where writes broke off: what follows was never answered, or is damaged beyond telling.
    public var tornTails: [LogPosition] = []
    /// Where the disk could not be read; the records there are among the damaged ones.
    public var unreadable: [LogPosition] = []
    /// Numbers of segments that are not there, although older and newer ones are.
    public var missing: [Range<UInt64>] = []

    public init() {}

    /// The report of one segment.
    init(
        _ found: SegmentReport,
        segment: UInt64,
        size: Int,
        _ unreadable: [(offset: Int, code: Int32)]
    ) {
        segmentCount = 1
        recordCount = found.recordCount
        byteCount = size
        damaged = found.damaged.map { LogDamage(segment: segment, damage: $0) }
        tornTails = found.tornTail.map { [LogPosition(segment: segment, offset: $0)] } ?? []
        self.unreadable = unreadable.map { LogPosition(segment: segment, offset: $0.offset) }
    }

    /// Adds what reading further segments found.
    public mutating func add(_ other: ReplayReport) {
        segmentCount += other.segmentCount
        recordCount += other.recordCount
        byteCount += other.byteCount
        damaged += other.damaged
        tornTails += other.tornTails
        unreadable += other.unreadable
        missing += other.missing
    }
}

/// A stretch of a log that holds no readable record.
public struct LogDamage: Sendable, Equatable, CustomStringConvertible {
    public var segment: UInt64
    public var damage: SegmentDamage

    public var description: String {
        "segment \(segment), \(damage.size) bytes at offset \(damage.offset): \(damage.reason)"
    }
}

/// A byte of a segment file.
public struct LogPosition: Sendable, Equatable, CustomStringConvertible {
    public var segment: UInt64
    public var offset: Int

    public var description: String { "segment \(segment), offset \(offset)" }
}
