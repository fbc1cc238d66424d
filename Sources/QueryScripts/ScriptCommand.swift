import MetricsModel

/// One block of a test script.
enum ScriptCommand {
    case clear
    case load(ScriptLoad)
    case evaluate(ScriptEvaluation)
}

/// Samples to store.
struct ScriptLoad {
    struct Series {
        var labels: Labels
        var points: [ScriptPoint]
        /// Whether a line with start timestamps stood before it.
        var hasStartTimestamps = false
    }

    /// Milliseconds between points.
    var step: Int64
    var series: [Series] = []
    /// Whether classic histograms are stored as native ones as well.
    var buildsHistograms = false
}

/// A query and what it must return.
struct ScriptEvaluation {
    enum Time {
        case instant(Int64)
        case range(start: Int64, end: Int64, step: Int64)
    }

    /// A text that must be equal or match.
    enum TextRule {
        case any
        case equal(String)
        case matches(String)
    }

    var line: Int
    var time: Time
    var query: String
    var expectedScalar: Double?
    var expectedString: String?
    /// In the order written.
    var expectedSeries: [(labels: Labels, points: [ScriptPoint])] = []
    var failure: TextRule?
    var warnings: [TextRule] = []
    var infos: [TextRule] = []
    var forbidsWarnings = false
    var forbidsInfos = false
    var isOrdered = false
    /// Times of the points of an expected range vector.
    var rangeVectorTimes: (start: Int64, step: Int64)?
}

/// One position in a list of points.
enum ScriptPoint {
    case gap
    case float(Double)
    case stale
    case histogram
}

/// A script that is not well-formed.
struct ScriptError: Error, CustomStringConvertible {
    var line: Int
    var reason: String

    var description: String { "line \(line): \(reason)" }
}
