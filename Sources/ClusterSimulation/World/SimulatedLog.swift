internal import ClusterInterface
internal import WriteAheadLog

/// The log of one run of an ingester: records in the real frames on a simulated disk, synced a while after they come.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class SimulatedLog: SampleLog, @unchecked Sendable {
    private let disk: SimulatedDisk
    private let process: SimulatedProcess
    private(set) var currentSegment: UInt64
    private(set) var failureReason: String?
    private var frame: RecordFrame
    private var sequence: UInt64 = 0
    private var durable: UInt64 = 0
    private var isSyncing = false
    private var waiters: [(sequence: UInt64, continuation: CheckedContinuation<Void, any Error>)] =
        []
    /// Whether records count as durable long before they are; see ``PlantedBug/acknowledgedBeforeSync``.
    private let answersEarly: Bool

    /// Bytes after which the next segment is begun: small, so that runs have many.
    private static let segmentSize = 6000

    init(_ disk: SimulatedDisk, of process: SimulatedProcess, answersEarly: Bool) {
        self.disk = disk
        self.process = process
        self.answersEarly = answersEarly
        currentSegment = (disk.numbers.last ?? 0) + 1
        frame = RecordFrame(salt: 0)
        frame = begin(currentSegment)
        process.atEnd { [self] in fail("the process is dead") }
    }

    var hasRoom: Bool { true }

    func append(
        _ record: [UInt8],
        definitionsSize: Int,
        encodedFor segment: UInt64
    ) -> LogTicket? {
        guard segment == currentSegment else { return nil }
        sequence += 1
        let ticket = LogTicket(sequence: sequence)
        guard process.isAlive, failureReason == nil else { return ticket }
        guard !disk.isFull else {
            fail("no space left on device")
            return ticket
        }
        frame.append(record, to: &disk.segments[segment, default: Self.none].bytes)
        startSyncing()
        // The definitions have to be repeated in the next one, so it grows with them.
        if disk.segments[segment, default: Self.none].bytes.count > Self.segmentSize
            + definitionsSize
        {
            rotate()
        }
        return ticket
    }

    func waitUntilDurable(_ ticket: LogTicket) async throws {
        guard ticket.sequence > durable, !answersEarly else { return }
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            guard failureReason == nil, process.isAlive, !process.simulator.isStopped else {
                return continuation.resume(throwing: LogFailure(reason: failureReason ?? "stopped"))
            }
            waiters.append((ticket.sequence, continuation))
        }
    }

    @discardableResult
    func rotate() -> LogTicket {
        guard process.isAlive, failureReason == nil else { return LogTicket(sequence: sequence) }
        currentSegment += 1
        frame = begin(currentSegment)
        return LogTicket(sequence: sequence)
    }

    func removeSegments(below segment: UInt64) {
        guard process.isAlive else { return }
        for number in disk.numbers where number < min(segment, currentSegment) {
            disk.segments[number] = nil
        }
    }

    func restart() throws {
        guard failureReason != nil, process.isAlive else { return }
        guard !disk.isFull else { throw LogFailure(reason: "no space left on device") }
        disk.segments = [:]
        failureReason = nil
        currentSegment += 1
        durable = sequence
        frame = begin(currentSegment)
    }

    /// Takes no record any more.
    func fail(_ reason: String) {
        guard failureReason == nil else { return }
        failureReason = reason
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.continuation.resume(throwing: LogFailure(reason: reason)) }
    }

    private static let none = SimulatedDisk.Segment(bytes: [], syncedCount: 0)

    private func begin(_ number: UInt64) -> RecordFrame {
        let salt = process.simulator.chance.seed()
        let header = SegmentHeader(number: number, salt: salt).bytes
        disk.segments[number] = SimulatedDisk.Segment(bytes: header, syncedCount: header.count)
        return RecordFrame(salt: salt)
    }

    /// Records that come while one sync is under way are part of the next.
    private func startSyncing() {
        guard !isSyncing, process.isAlive, failureReason == nil else { return }
        isSyncing = true
        let end = sequence
        let counts = disk.segments.mapValues(\.bytes.count)
        let duration =
            process.simulator.chance.milliseconds(answersEarly ? 5000...20_000 : 1...20)
            + process.slowness / 8
        process.simulator.after(duration) { [self] in
            isSyncing = false
            guard process.isAlive, failureReason == nil else { return }
            for (number, count) in counts where disk.segments[number] != nil {
                disk.segments[number]?.syncedCount = count
            }
            durable = end
            let done = waiters.filter { $0.sequence <= end }
            waiters.removeAll { $0.sequence <= end }
            for waiter in done { waiter.continuation.resume() }
            if sequence > durable { startSyncing() }
        }
    }
}

/// Why a log takes nothing any more.
struct LogFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
