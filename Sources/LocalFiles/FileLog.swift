public import ClusterInterface
internal import Glibc
internal import Synchronization
public import WriteAheadLog

/// A log in a directory of segment files, one thread writing it.
///
/// Records of all callers are written in the order of ``append(_:encodedFor:)``, and those that come
/// together share one write and one sync. A failed write or sync is final: every ticket that is not durable
/// yet, and every later one, answers the cause until the process starts again.
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
    private let finished = WakeUp()
    private let removalError = Mutex<FileLogError?>(nil)

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
        queue = LogQueue(
            firstSegment: firstSegment,
            segmentCapacity: segmentSize,
            maximumWaitingSize: queueSize
        )
        let finished = finished
        var writer: LogWriter? = LogWriter(
            queue: queue,
            directory: directory,
            sync: sync,
            segmentCapacity: segmentSize,
            file: file,
            calls
        ) { [weak self] error in
            self?.removalError.withLock { $0 = error }
        }
        try WriterThread.start {
            if var taken = writer.take() { taken.run() }
            finished.signal()
        }
    }

    deinit { queue.close() }

    public var currentSegment: UInt64 { queue.currentSegment }

    public func append(_ record: [UInt8], encodedFor segment: UInt64) -> LogTicket? {
        queue.append(record, encodedFor: segment)
    }

    public func waitUntilDurable(_ ticket: LogTicket) async throws {
        try await queue.waitUntilDurable(ticket)
    }

    public func rotate() { queue.rotate() }

    public func removeSegments(below segment: UInt64) { queue.removeSegments(below: segment) }

    /// Whether the disk keeps up: fewer bytes wait to be written than may.
    ///
    /// Appending never refuses, since a sample that is in a head must be in the log; whoever takes requests
    /// asks here before taking one.
    public var hasRoom: Bool { queue.hasRoom }

    /// Why no record is taken any more.
    public var failure: FileLogError? { queue.failure }

    /// Why segments could not be deleted the last time, if they could not.
    public var removalFailure: FileLogError? { removalError.withLock { $0 } }

    /// Writes and syncs what was appended, and gives up the directory; later records are refused.
    ///
    /// Returns when that is done, or has failed; ``failure`` tells. May be called more than once.
    public func close() {
        queue.close()
        finished.wait()
        directory.release()
        finished.signal()
    }

    /// Reads the segments that were there before this log was opened; see ``replay(directory:visit:)``.
    public func replay(
        visit: (_ record: LogRecord, _ segment: UInt64) throws -> Void
    ) throws -> ReplayReport {
        try LogReplay.run(directory, below: firstSegment, visit)
    }

    /// Reads all segments of a directory in order, while no log has it.
    ///
    /// Damaged records are left out and reported. Memory for one segment is needed at a time.
    ///
    /// - Parameter visit: Takes each record and the number of its segment, within which its series
    ///   references hold; what it throws ends the replay.
    /// - Throws: ``FileLogError``, or what `visit` throws.
    public static func replay(
        directory: String,
        visit: (_ record: LogRecord, _ segment: UInt64) throws -> Void
    ) throws -> ReplayReport {
        try LogReplay.run(LogDirectory(directory), below: .max, visit)
    }
}
