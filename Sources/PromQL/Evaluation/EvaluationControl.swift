/// How the outside bounds a running evaluation.
public struct EvaluationControl: Sendable {
    /// Why a running evaluation has to stop.
    public enum StopReason: Sendable {
        case cancelled
        case timedOut
    }

    /// Asked once per series; the answer has to be cheap.
    public let stopReason: @Sendable () -> StopReason?

    public init(stopReason: @escaping @Sendable () -> StopReason?) {
        self.stopReason = stopReason
    }

    public init(isCancelled: @escaping @Sendable () -> Bool) {
        stopReason = { isCancelled() ? .cancelled : nil }
    }

    /// Never stops.
    public static let unbounded = EvaluationControl(stopReason: { nil })

    func check() throws(EvaluationError) {
        switch stopReason() {
        case nil: return
        case .cancelled: throw .cancelled
        case .timedOut: throw .timedOut
        }
    }
}
