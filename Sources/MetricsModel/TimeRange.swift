/// A half-open range of time in milliseconds since the Unix epoch: `start` is in it, `end` is not.
public struct TimeRange: Sendable, Hashable {
    public var start: Int64
    public var end: Int64

    /// An `end` at or before `start` makes an empty range.
    public init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }

    /// All times but the very last millisecond that 64 bits can name.
    public static let all = TimeRange(start: .min, end: .max)

    public var isEmpty: Bool { end <= start }

    public func contains(_ timestamp: Int64) -> Bool { timestamp >= start && timestamp < end }

    public func overlaps(_ other: TimeRange) -> Bool {
        !isEmpty && !other.isEmpty && start < other.end && other.start < end
    }

    /// The smallest range that holds both; an empty one adds nothing.
    public func union(_ other: TimeRange) -> TimeRange {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return TimeRange(start: min(start, other.start), end: max(end, other.end))
    }
}
