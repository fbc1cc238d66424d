/// The log that makes samples durable before they are acknowledged: segments of records, in order.
///
/// A record is bytes that ``WriteAheadLog`` encodes; each names series by references that stand for the
/// segment it is in, so the caller says which segment it encoded a record for.
public protocol SampleLog: Sendable {
    /// The segment that takes records now; numbers only grow.
    var currentSegment: UInt64 { get }

    /// Whether the disk keeps up. Appending never refuses, so whoever takes requests asks here first.
    var hasRoom: Bool { get }

    /// Why no record is taken any more, until ``restart()``; nil while all is well.
    var failureReason: String? { get }

    /// Queues a record behind all earlier ones; cheap, so that it can be called under the lock that orders appends.
    ///
    /// - Parameter definitionsSize: How many of the record's bytes say what references stand for. The more of them
    ///   a segment has, the longer it goes on, since the next one has to repeat them.
    /// - Returns: what to wait for, or nil where `segment` is no longer current: encode the record again.
    func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket?

    /// Returns once the record is as durable as the log's mode promises (`batch`: fsync has covered it).
    ///
    /// - Throws: an error that says why the log cannot write any more; it stays so until ``restart()``.
    func waitUntilDurable(_ ticket: LogTicket) async throws

    /// Starts a new segment.
    ///
    /// - Returns: what to wait for until the segment before is complete on stable storage, whatever is synced otherwise.
    @discardableResult
    func rotate() -> LogTicket

    /// Deletes all segments with smaller numbers; the current one always stays.
    func removeSegments(below segment: UInt64)

    /// Begins anew after a failure, in a new segment, and deletes all others; does nothing while all is well.
    ///
    /// A head may hold samples whose records were never written, and would answer the sender's next try that it
    /// has them. So this is right only once everything in memory is stored elsewhere.
    ///
    /// - Throws: where the new segment cannot be made; the log then stays as it is.
    func restart() throws
}

extension SampleLog {
    /// Queues a record without definitions.
    public func append(_ record: [UInt8], encodedFor segment: UInt64) -> LogTicket? {
        append(record, definitionsSize: 0, encodedFor: segment)
    }
}

/// A record's place in the order of the log.
public struct LogTicket: Sendable, Hashable, Comparable {
    public var sequence: UInt64

    public init(sequence: UInt64) { self.sequence = sequence }

    public static func < (left: LogTicket, right: LogTicket) -> Bool {
        left.sequence < right.sequence
    }
}
