public import ClusterInterface
internal import Glibc
internal import Synchronization
public import WriteAheadLog

/// A log in a directory of segment files, one thread writing it.
///
/// Records of all callers are written in the order of ``append(_:encodedFor:)``, and those that come
/// together share one write and one sync. A failed write or sync is final for its file: every ticket that is
/// not durable yet, and every later one, answers the cause until ``restart()`` begins another file.
public final class FileLog: SampleLog {
    /// When records are put on stable storage.
    public enum Sync: Sendable, Equatable {
        /// Before the append is answered: survives a power failure.
        case batch
        /// At most so long after the append is answered; until then only a killed process is survived.
        case interval(Duration)
        /// When the operating system thinks fit, and when a segment is full or the log is closed.
        case off
    }

    /// Bytes of a segment file.
    public static let defaultSegmentSize = 64 << 20
    /// Bytes that may wait to be written; see ``hasRoom``.
    public static let defaultQueueSize = 64 << 20

    private let directory: LogDirectory
    private let queue: LogQueue
    private let firstSegment: UInt64
    private let mode: Sync
    private let segmentSize: Int
    private let calls: LogFileCalls
    private let counters = LogCounters()
    private let finished = WakeUp()
    /// Held while the log is begun anew or closed.
    private let changing = Mutex(())

    /// Takes a directory and starts a new segment in it, behind those that are there.
    ///
    /// - Parameters:
    ///   - directory: Made if it does not exist.
    ///   - segmentSize: Bytes reserved for each segment file; a larger record has a segment of its own.
    ///   - queueSize: Bytes that may wait before ``hasRoom`` says no.
    /// - Throws: ``FileLogError``.
    public convenience init(
        directory: String,
        sync: Sync = .batch,
        segmentSize: Int = defaultSegmentSize,
        queueSize: Int = defaultQueueSize
    ) throws {
        try self.init(
            directory: directory,
            sync: sync,
            segmentSize: segmentSize,
            queueSize: queueSize,
            calls: .posix
        )
    }

    init(
        directory path: String,
        sync: Sync,
        segmentSize: Int,
        queueSize: Int,
        calls: LogFileCalls
    ) throws(FileLogError) {
        let directory = try LogDirectory(path)
        try directory.removeUnfinished()
        firstSegment = (try directory.segments().last ?? 0) + 1
        let file = try SegmentFile.create(
            number: firstSegment,
            salt: .random(in: .min ... .max),
            preallocating: segmentSize,
            in: directory,
            calls
        )
        self.directory = directory
        self.segmentSize = segmentSize
        self.calls = calls
        mode = sync
        queue = LogQueue(
            firstSegment: firstSegment,
            segmentCapacity: segmentSize,
            maximumWaitingSize: queueSize
        )
        try startWriting(file)
    }

    private func startWriting(_ file: consuming SegmentFile) throws(FileLogError) {
        let finished = finished
        var writer: LogWriter? = LogWriter(
            queue: queue,
            directory: directory,
            sync: mode,
            segmentCapacity: segmentSize,
            file: file,
            calls,
            counters
        )
        try WriterThread.start {
            if var taken = writer.take() { taken.run() }
            finished.signal()
        }
    }

    deinit { queue.close() }

    public var currentSegment: UInt64 { queue.currentSegment }

    public func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket? {
        queue.append(record, definitionsSize: definitionsSize, encodedFor: segment)
    }

    public func waitUntilDurable(_ ticket: LogTicket) async throws {
        try await queue.waitUntilDurable(ticket)
    }

    @discardableResult
    public func rotate() -> LogTicket { queue.rotate() }

    public func removeSegments(below segment: UInt64) { queue.removeSegments(below: segment) }

    /// Whether the disk keeps up: fewer bytes wait to be written than may.
    ///
    /// Appending never refuses, since a sample that is in a head must be in the log; whoever takes requests
    /// asks here before taking one.
    public var hasRoom: Bool { queue.hasRoom }

    /// Why no record is taken any more.
    public var failure: FileLogError? { queue.failure }

    public var failureReason: String? { failure.map(String.init(describing:)) }

    public var statistics: LogStatistics { counters.value }

    public func restart() throws {
        try changing.withLock { _ in
            guard let failure else { return }
            guard failure != .closed else { throw failure }
            try directory.remove(try directory.segments(), calls)
            try directory.removeUnfinished()
            let number = queue.currentSegment + 1
            let file = try SegmentFile.create(
                number: number,
                salt: .random(in: .min ... .max),
                preallocating: segmentSize,
                in: directory,
                calls
            )
            // The thread that failed is about to end, if it has not.
            finished.wait()
            queue.restart(in: number)
            do throws(FileLogError) {
                try startWriting(file)
            } catch {
                queue.fail(error)
                finished.signal()
                throw error
            }
        }
    }

    /// Writes and syncs what was appended, and gives up the directory; later records are refused.
    ///
    /// Returns when that is done, or has failed; ``failure`` tells. May be called more than once.
    public func close() {
        changing.withLock { _ in
            queue.close()
            finished.wait()
            directory.release()
            finished.signal()
        }
    }

    /// The segments in a range of numbers; those that are missing between them are in the report.
    public func segments(
        in range: Range<UInt64>
    ) throws -> (numbers: [UInt64], report: ReplayReport) {
        let (present, missing) = try LogReplay.segments(of: directory, in: range)
        var report = ReplayReport()
        report.missing = missing
        return (present, report)
    }

    /// Reads a segment that no more records are written to, and hands its records to threads while it reads on.
    ///
    /// Returns when all records are done.
    ///
    /// - Parameters:
    ///   - threads: How many take records, besides the one that calls this and reads.
    ///   - isStopped: Asked again and again; once it is true, the rest is not read.
    ///   - visit: Takes each record. Records of one tenant come in order, one at a time; those of different
    ///     tenants at the same time.
    public func replay(
        segment: UInt64,
        threads: Int,
        isStopped: () -> Bool = { false },
        visit: @escaping @Sendable (_ record: LogRecord, _ segment: UInt64) -> Void
    ) throws -> ReplayReport {
        let lanes = try ReplayLanes(count: threads, visit: visit)
        defer { lanes.finish() }
        return try LogReplay.run(segment: segment, of: directory, calls) { record, segment in
            guard !isStopped() else { throw CancellationError() }
            lanes.submit(record, segment: segment)
        }
    }

    /// Reads the segments that were there before this log was opened; see ``replay(directory:visit:)``.
    public func replay(
        visit: (_ record: LogRecord, _ segment: UInt64) throws -> Void
    ) throws -> ReplayReport {
        try Self.replay(directory, below: firstSegment, calls, visit)
    }

    /// Reads all segments of a directory in order, while no log has it.
    ///
    /// Damaged records are left out and reported.
    ///
    /// - Parameter visit: Takes each record and the number of its segment, within which its series
    ///   references hold; what it throws ends the replay.
    /// - Throws: ``FileLogError``, or what `visit` throws.
    public static func replay(
        directory: String,
        visit: (_ record: LogRecord, _ segment: UInt64) throws -> Void
    ) throws -> ReplayReport {
        try replay(LogDirectory(directory), below: .max, .posix, visit)
    }

    private static func replay(
        _ directory: LogDirectory,
        below end: UInt64,
        _ calls: LogFileCalls,
        _ visit: (LogRecord, UInt64) throws -> Void
    ) throws -> ReplayReport {
        let (present, missing) = try LogReplay.segments(of: directory, in: 0..<end)
        var report = ReplayReport()
        report.missing = missing
        for number in present {
            report.add(try LogReplay.run(segment: number, of: directory, calls, visit))
        }
        return report
    }
}
