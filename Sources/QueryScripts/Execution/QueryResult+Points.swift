internal import MetricsModel
internal import PromQL

/// One series of a result with its points by time.
struct ResultPoints {
    var labels: Labels
    /// By time in milliseconds.
    var points: [Int64: SampleValue]
}

extension QueryResult.Value {
    /// The series of a vector or matrix, in its order; none for other results.
    var series: [ResultPoints] {
        switch self {
        case .scalar, .string: []
        case .vector(let elements):
            elements.map { ResultPoints(labels: $0.labels, points: [$0.timestamp: $0.value]) }
        case .matrix(let series):
            series.map { ResultPoints(labels: $0.labels, points: $0.points) }
        }
    }

    fileprivate func isIdentical(to other: QueryResult.Value) -> Bool {
        switch (self, other) {
        case (.scalar(let time, let value), .scalar(let otherTime, let otherValue)):
            return time == otherTime && value.bitPattern == otherValue.bitPattern
        case (.string(let time, let text), .string(let otherTime, let otherText)):
            return time == otherTime && text == otherText
        case (.vector, .vector), (.matrix, .matrix):
            let left = series
            let right = other.series
            return left.count == right.count
                && zip(left, right).allSatisfy { $0.isIdentical(to: $1) }
        default: return false
        }
    }
}

extension QueryResult {
    /// Whether two results agree bit for bit; what they cost does not count.
    func isIdentical(to other: QueryResult) -> Bool {
        warnings == other.warnings && infos == other.infos
            && value.isIdentical(to: other.value)
    }
}

extension QueryResult.ResultSeries {
    fileprivate var points: [Int64: SampleValue] {
        var points: [Int64: SampleValue] = [:]
        for (time, value) in zip(timestamps, values) { points[time] = .float(value) }
        for (time, value) in zip(histograms.timestamps, histograms.values) {
            points[time] = .histogram(value)
        }
        return points
    }
}

extension ResultPoints {
    fileprivate func isIdentical(to other: ResultPoints) -> Bool {
        labels == other.labels && points.count == other.points.count
            && points.allSatisfy { time, value in
                other.points[time].map { value.isIdentical(to: $0) } ?? false
            }
    }
}
