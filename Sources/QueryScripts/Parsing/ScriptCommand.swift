internal import MetricsModel

/// One block of a test script.
enum ScriptCommand {
    case clear
    case load(ScriptLoad)
    case evaluate(ScriptEvaluation)
}

/// Samples to store.
struct ScriptLoad {
    struct Series {
        /// Of the line with the points, from 1.
        var line: Int
        var labels: Labels
        /// Point i has the time i × step.
        var points: [ScriptPoint]
        /// For each point how its start timestamp differs from its time, in milliseconds; nil is unknown.
        ///
        /// Empty where no line with start timestamps stood before that with the points.
        var startOffsets: [Int64?] = []
    }

    /// Milliseconds between points.
    var step: Int64
    /// No two with equal labels.
    var series: [Series] = []
    /// Whether classic histograms are stored as native ones with custom buckets as well.
    var buildsHistograms = false
}

/// One position in a list of points.
enum ScriptPoint {
    case gap
    /// A staleness marker is one too.
    case float(Double)
    indirect case histogram(ScriptHistogram)
}

/// A histogram, as a script writes it.
struct ScriptHistogram {
    var value: Histogram
    /// Whether the script says what is known of resets; only then it is compared.
    var statesHint: Bool
}
