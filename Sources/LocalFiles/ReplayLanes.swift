internal import Synchronization
internal import WriteAheadLog

/// Threads that take records, so that one can read ahead while others rebuild heads.
///
/// Records of one tenant go to the same thread, in order.
final class ReplayLanes: Sendable {
    typealias Visit = @Sendable (_ record: LogRecord, _ segment: UInt64) -> Void

    private let lanes: [ReplayLane]

    init(count: Int, visit: @escaping Visit) throws(FileLogError) {
        var lanes: [ReplayLane] = []
        for _ in 0..<max(1, count) {
            let lane = ReplayLane()
            do throws(FileLogError) {
                try WriterThread.start { lane.run(visit) }
            } catch {
                guard !lanes.isEmpty else { throw error }
                // Fewer threads do the same.
                break
            }
            lanes.append(lane)
        }
        self.lanes = lanes
    }

    /// Hands a record to its tenant's thread; waits while that is far behind.
    func submit(_ record: LogRecord, segment: UInt64) {
        lanes[Int(record.tenantHash % UInt(lanes.count))].submit(record, segment: segment)
    }

    /// Waits until all records are done; none may come after it.
    func finish() {
        for lane in lanes { lane.close() }
        for lane in lanes { lane.waitUntilDone() }
    }
}

/// One thread's queue.
private final class ReplayLane: Sendable {
    private struct State {
        var records: [(record: LogRecord, segment: UInt64)] = []
        /// What these weigh together.
        var weight = 0
        var isClosed = false
        var isReaderAsleep = false
        var isWriterAsleep = false
    }

    private let state = Mutex(State())
    private let hasRecords = WakeUp()
    private let hasRoom = WakeUp()
    private let isDone = WakeUp()

    /// Weight of records from which on no more may wait; the last one may go beyond it.
    ///
    /// Some megabytes, and so many that threads seldom wake each other, which took a twentieth of the time with 16 records.
    private static let maximumWeight = 1 << 18

    func submit(_ record: LogRecord, segment: UInt64) {
        while true {
            let (isTaken, wakes) = state.withLock { state in
                guard state.weight < Self.maximumWeight else {
                    state.isWriterAsleep = true
                    return (false, false)
                }
                state.records.append((record, segment))
                state.weight += record.weight
                defer { state.isReaderAsleep = false }
                return (true, state.isReaderAsleep)
            }
            if wakes { hasRecords.signal() }
            if isTaken { return }
            hasRoom.wait()
        }
    }

    func close() {
        let wakes = state.withLock { state in
            state.isClosed = true
            defer { state.isReaderAsleep = false }
            return state.isReaderAsleep
        }
        if wakes { hasRecords.signal() }
    }

    func waitUntilDone() { isDone.wait() }

    func run(_ visit: ReplayLanes.Visit) {
        while let records = take() {
            for (record, segment) in records { visit(record, segment) }
        }
        isDone.signal()
    }

    private func take() -> [(record: LogRecord, segment: UInt64)]? {
        while true {
            let (records, isClosed, wakes) = state.withLock { state in
                let records = state.records
                state.records = []
                state.weight = 0
                state.isReaderAsleep = records.isEmpty && !state.isClosed
                defer { state.isWriterAsleep = false }
                return (records, state.isClosed, state.isWriterAsleep)
            }
            if wakes { hasRoom.signal() }
            if !records.isEmpty { return records }
            if isClosed { return nil }
            hasRecords.wait()
        }
    }
}
