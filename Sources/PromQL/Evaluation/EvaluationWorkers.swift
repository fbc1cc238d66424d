/// Threads that share the work of one evaluation.
public protocol EvaluationWorkers: Sendable {
    /// How many calls may run at once, the caller's own thread included; at least 1.
    var count: Int { get }

    /// Calls the body once for each index below `count`, several at once, and returns when all have returned.
    func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void)
}

/// The caller's thread alone.
public struct SerialWorkers: EvaluationWorkers {
    public init() {}

    public var count: Int { 1 }

    public func forEach(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for index in 0..<count { body(index) }
    }
}
