internal import WriteAheadLog

/// The writing end of a log: does the orders of its queue, one batch after the other.
///
/// All records that came while one batch was written and synced make the next batch: the slower the disk,
/// the more records share a sync.
struct LogWriter: ~Copyable {
    private let queue: LogQueue
    private let directory: LogDirectory
    private let sync: FileLog.Sync
    private let segmentCapacity: Int
    private let calls: LogFileCalls
    private let counters: LogCounters
    private var file: SegmentFile
    /// Frames of the batch that are not yet written.
    private var frames: [UInt8] = []
    private var isSynced = true
    private var lastSync = ContinuousClock.now

    /// Bytes after which frames are written even though the batch goes on.
    private static let largestWrite = 8 << 20

    init(
        queue: LogQueue,
        directory: LogDirectory,
        sync: FileLog.Sync,
        segmentCapacity: Int,
        file: consuming SegmentFile,
        _ calls: LogFileCalls,
        _ counters: LogCounters
    ) {
        self.queue = queue
        self.directory = directory
        self.sync = sync
        self.segmentCapacity = segmentCapacity
        self.file = file
        self.calls = calls
        self.counters = counters
    }

    /// Works until the log is closed or cannot be written.
    mutating func run() {
        do throws(FileLogError) {
            while let work = queue.take(until: deadline) {
                try write(work)
                remove(work)
            }
            try file.finish()
            queue.fail(.closed)
        } catch {
            counters.update { $0.failures += 1 }
            queue.fail(error)
        }
    }

    /// When a sync is due although no record comes.
    private var deadline: ContinuousClock.Instant? {
        guard !isSynced, case .interval(let interval) = sync else { return nil }
        return lastSync + interval
    }

    private mutating func write(_ work: LogQueue.Work) throws(FileLogError) {
        var records = 0
        for order in work.orders {
            switch order {
            case .write(let record):
                records += 1
                file.frame.append(record, to: &frames)
                if frames.count >= Self.largestWrite { try writeFrames() }
            case .startSegment(let number):
                try writeFrames()
                try startSegment(number)
            case .removeSegments: break
            }
        }
        try writeFrames()
        try syncIfDue()
        if records > 0 { counters.update { $0.records += records } }
        queue.complete(upTo: work.lastSequence)
    }

    private mutating func writeFrames() throws(FileLogError) {
        guard !frames.isEmpty else { return }
        try file.append(frames)
        let size = frames.count
        counters.update { $0.bytes += size }
        isSynced = false
        // One large batch should not keep its memory for ever.
        frames.removeAll(keepingCapacity: frames.capacity <= 2 * Self.largestWrite)
    }

    private mutating func syncIfDue() throws(FileLogError) {
        guard !isSynced else { return }
        switch sync {
        case .batch: break
        case .interval(let interval):
            guard lastSync + interval <= .now else { return }
        case .off: return
        }
        try file.sync()
        counters.update { $0.syncs += 1 }
        isSynced = true
        lastSync = .now
    }

    private mutating func startSegment(_ number: UInt64) throws(FileLogError) {
        try file.finish()
        file = try SegmentFile.create(
            number: number,
            salt: .random(in: .min ... .max),
            preallocating: segmentCapacity,
            in: directory,
            calls
        )
        isSynced = true
        lastSync = .now
    }

    /// Deletes segments; a failure leaves them for the next time and harms no record.
    private func remove(_ work: LogQueue.Work) {
        var bound: UInt64 = 0
        for case .removeSegments(let below) in work.orders { bound = max(bound, below) }
        guard bound > 0 else { return }
        do throws(FileLogError) {
            try directory.remove(try directory.segments().filter { $0 < bound }, calls)
            counters.update { $0.removalFailure = nil }
        } catch {
            counters.update { $0.removalFailure = error }
        }
    }
}
