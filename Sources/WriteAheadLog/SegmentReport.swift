/// What reading one segment found.
public struct SegmentReport: Sendable, Equatable {
    /// The header's number, or nil where no header could be read.
    public var number: UInt64?
    /// Records that were handed to the visitor.
    public var recordCount = 0
    /// Stretches that were skipped, by offset.
    public var damaged: [SegmentDamage] = []
    /// Where the last write broke off, if it did: from here on there is neither a record nor zeros only.
    ///
    /// A damaged last record looks the same; nothing in the bytes tells them apart.
    public var tornTail: Int?
}

/// A stretch of a segment that holds no readable record.
public struct SegmentDamage: Sendable, Equatable {
    /// First byte.
    public var offset: Int
    /// Bytes up to the next readable record, or to the end.
    public var size: Int
    public var reason: Reason

    public init(offset: Int, size: Int, reason: Reason) {
        self.offset = offset
        self.size = size
        self.reason = reason
    }

    /// Why there is no record.
    public enum Reason: Error, Sendable, Equatable {
        /// Both copies of the segment's header are damaged; no frame of the segment can be told.
        case headerDamaged
        /// A newer program wrote the segment.
        case unsupportedVersion(UInt32)
        /// No frame starts here.
        case noFrame
        /// A frame starts here, but does not fit what is left.
        case truncated
        /// The bytes are not those that were written.
        case checksumMismatch
        /// The bytes are those that were written, but no record.
        case undecodable(LogRecordError)
    }
}
