import PromQL

/// When a query of the benchmarks is evaluated; data ends at ``end``.
struct QueryTimes {
    /// Time of the last sample and of the last step, ms.
    static let end: Int64 = 1_700_000_000_000

    let parameters: QueryParameters

    /// One step, at the end.
    static var instant: QueryTimes { QueryTimes(parameters: QueryParameters(time: end)) }

    /// The last `seconds` before the end, a step every `step` seconds.
    static func range(_ seconds: Int64, step: Int64) -> QueryTimes {
        let start = end - seconds * 1000
        return QueryTimes(
            parameters: QueryParameters(start: start, end: end, step: step * 1000)
        )
    }

    var stepCount: Int {
        guard !parameters.isInstant else { return 1 }
        return Int((parameters.end - parameters.start) / parameters.step) + 1
    }
}
