/// How the outside bounds a running evaluation.
public struct EvaluationControl: Sendable {
    /// Why a running evaluation has to stop.
    public enum StopReason: Sendable {
        case cancelled
        case timedOut
    }

    /// Asked once per series; the answer has to be cheap.
    public let stopReason: @Sendable () -> StopReason?

    /// Where the bytes are counted that the evaluation holds.
    public let memory: MemoryAccount

    public init(
        memory: MemoryAccount = .unbounded(),
        stopReason: @escaping @Sendable () -> StopReason?
    ) {
        self.memory = memory
        self.stopReason = stopReason
    }

    public init(
        memory: MemoryAccount = .unbounded(),
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.init(memory: memory, stopReason: { isCancelled() ? .cancelled : nil })
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
}
