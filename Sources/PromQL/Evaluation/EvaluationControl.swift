/// How the outside bounds a running evaluation.
public struct EvaluationControl: Sendable {
    /// Why a running evaluation has to stop.
    public enum StopReason: Sendable {
        case cancelled
        case timedOut
    }

    /// Asked once per series, and within long ones; the answer has to be cheap.
    public let stopReason: @Sendable () -> StopReason?

    /// Where the bytes are counted that the evaluation holds.
    public let memory: MemoryAccount

    /// What is recorded besides the result; it costs time.
    public let recording: Recording

    /// The time since some fixed moment; nil leaves all times zero.
    public let now: (@Sendable () -> Duration)?

    public init(
        memory: MemoryAccount = .unbounded(),
        recording: Recording = [],
        now: (@Sendable () -> Duration)? = nil,
        stopReason: @escaping @Sendable () -> StopReason?
    ) {
        self.memory = memory
        self.recording = recording
        self.now = now
        self.stopReason = stopReason
    }

    public init(
        memory: MemoryAccount = .unbounded(),
        recording: Recording = [],
        now: (@Sendable () -> Duration)? = nil,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.init(
            memory: memory,
            recording: recording,
            now: now,
            stopReason: { isCancelled() ? .cancelled : nil }
        )
    }

    /// Never stops.
    public static var unbounded: EvaluationControl { EvaluationControl(stopReason: { nil }) }

    func check() throws(EvaluationError) {
        switch stopReason() {
        case nil: return
        case .cancelled: throw .cancelled
        case .timedOut: throw .timedOut
        }
    }

    /// What an evaluation can record.
    public struct Recording: OptionSet, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The work of each node of the plan.
        public static let nodes = Recording(rawValue: 1 << 0)
        /// The samples of each step.
        public static let steps = Recording(rawValue: 1 << 1)
    }
}
