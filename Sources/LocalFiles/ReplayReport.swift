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
public struct LogPosition: Sendable, Equatable {
    public var segment: UInt64
    public var offset: Int
}
