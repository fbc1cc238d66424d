internal import MetricsModel

/// A query and what it must return.
struct ScriptEvaluation {
    /// In milliseconds.
    enum Time {
        case instant(Int64)
        case range(start: Int64, end: Int64, step: Int64)
    }

    struct ExpectedSeries {
        /// From 1.
        var line: Int
        var labels: Labels
        var points: [ScriptPoint]
    }

    /// From 1.
    var line: Int
    var time: Time
    var query: String
    var expectedScalar: Double?
    var expectedString: String?
    /// In the order written; no two with equal labels.
    var expectedSeries: [ExpectedSeries] = []
    var failure: TextRule?
    var warnings: [TextRule] = []
    var infos: [TextRule] = []
    var forbidsWarnings = false
    var forbidsInfos = false
    var isOrdered = false
    /// Times of the points of an expected range vector, in milliseconds.
    var rangeVectorTimes: (start: Int64, end: Int64, step: Int64)?

    /// The time of the first expected point and the distance of two, in milliseconds.
    var pointTimes: (start: Int64, step: Int64) {
        if let rangeVectorTimes { return (rangeVectorTimes.start, rangeVectorTimes.step) }
        switch time {
        case .instant(let time): return (time, 0)
        case .range(let start, _, let step): return (start, step)
        }
    }

    /// How many points a series can have.
    var maximumPoints: Int64 {
        let range: (start: Int64, end: Int64, step: Int64)
        if let rangeVectorTimes {
            range = rangeVectorTimes
        } else if case .range(let start, let end, let step) = time {
            range = (start, end, step)
        } else {
            return 1
        }
        return (range.end - range.start) / range.step + 1
    }
}
