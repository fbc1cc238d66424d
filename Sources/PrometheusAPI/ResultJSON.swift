internal import MetricsModel
internal import PromQL

/// Writes the answer to a query, straight from the columns of the result.
enum ResultJSON {
    /// - Parameters:
    ///   - limit: Series of the answer at most; 0 is no limit.
    ///   - statistics: How much of what the query cost is told.
    ///   - check: Asked between series and within long ones; what it throws ends the writing.
    static func write(
        _ result: QueryResult,
        limit: Int,
        statistics: StatisticsJSON.Detail,
        check: () throws -> Void = {}
    ) throws -> JSONBuffer {
        var json = JSONBuffer(capacity: capacity(result))
        json.raw("{\"status\":\"success\",\"data\":{\"resultType\":")
        var warnings = result.warnings
        switch result.value {
        case .scalar(let timestamp, let value):
            json.raw("\"scalar\",\"result\":")
            point(timestamp, value, &json)
        case .string(let timestamp, let text):
            json.raw("\"string\",\"result\":[")
            json.timestamp(timestamp)
            json.raw(",")
            json.string(text)
            json.raw("]")
        case .vector(let elements):
            json.raw("\"vector\",\"result\":[")
            try list(elements, limit, &warnings, &json) {
                try check()
                element($0, &$1)
            }
            json.raw("]")
        case .matrix(let series):
            json.raw("\"matrix\",\"result\":[")
            try list(series, limit, &warnings, &json) {
                try check()
                try matrixSeries($0, &$1, check)
            }
            json.raw("]")
        }
        StatisticsJSON.write(result.statistics, statistics, to: &json)
        if let trace = result.trace {
            json.raw(",\"trace\":")
            PlanJSON.write(trace.tree, trace, to: &json)
        }
        json.raw("}")
        notes("warnings", warnings, &json)
        notes("infos", result.infos, &json)
        json.raw("}")
        return json
    }

    private static func element(_ element: QueryResult.VectorElement, _ json: inout JSONBuffer) {
        json.raw("{\"metric\":")
        json.labels(element.labels)
        switch element.value {
        case .float(let value):
            json.raw(",\"value\":")
            point(element.timestamp, value, &json)
        case .histogram(let histogram):
            json.raw(",\"histogram\":")
            point(element.timestamp, histogram, &json)
        }
        json.raw("}")
    }

    /// A key whose list would be empty is left out.
    private static func matrixSeries(
        _ series: QueryResult.ResultSeries,
        _ json: inout JSONBuffer,
        _ check: () throws -> Void
    ) throws {
        json.raw("{\"metric\":")
        json.labels(series.labels)
        if !series.timestamps.isEmpty {
            json.raw(",\"values\":")
            try json.points(series.timestamps, series.values, check: check)
        }
        let histograms = series.histograms
        if !histograms.isEmpty {
            json.raw(",\"histograms\":")
            json.list(histograms.timestamps.indices) {
                point(histograms.timestamps[$1], histograms.values[$1], &$0)
            }
        }
        json.raw("}")
    }

    private static func point(_ timestamp: Int64, _ value: Double, _ json: inout JSONBuffer) {
        json.raw("[")
        json.timestamp(timestamp)
        json.raw(",")
        json.value(value)
        json.raw("]")
    }

    private static func point(
        _ timestamp: Int64,
        _ histogram: Histogram,
        _ json: inout JSONBuffer
    ) {
        json.raw("[")
        json.timestamp(timestamp)
        json.raw(",")
        HistogramJSON.write(histogram, to: &json)
        json.raw("]")
    }

    private static func list<Element>(
        _ elements: [Element],
        _ limit: Int,
        _ warnings: inout [String],
        _ json: inout JSONBuffer,
        write: (Element, inout JSONBuffer) throws -> Void
    ) rethrows {
        let isCut = limit > 0 && elements.count > limit
        // First, so that it is never among those that are only counted.
        if isCut { warnings.insert("results truncated due to limit", at: 0) }
        for (index, element) in elements.prefix(isCut ? limit : elements.count).enumerated() {
            if index > 0 { json.raw(",") }
            try write(element, &json)
        }
    }

    /// Texts shown of one kind; the others are counted.
    private static let maximumNotes = 10

    private static func notes(_ name: StaticString, _ texts: [String], _ json: inout JSONBuffer) {
        guard !texts.isEmpty else { return }
        json.raw(",\"")
        json.raw(name)
        json.raw("\":[")
        for (index, text) in texts.prefix(maximumNotes).enumerated() {
            if index > 0 { json.raw(",") }
            json.string(text)
        }
        if texts.count > maximumNotes {
            let kind = name.description == "warnings" ? "warning" : "info"
            json.raw(",")
            json.string("\(texts.count - maximumNotes) more \(kind) annotations omitted")
        }
        json.raw("]")
    }

    /// A guess that saves most of the growing: 27 bytes a float, 200 a label set or a histogram.
    private static func capacity(_ result: QueryResult) -> Int {
        switch result.value {
        case .scalar, .string: 256
        case .vector(let elements): 256 + 256 * elements.count
        case .matrix(let series):
            256
                + series.reduce(0) {
                    $0 + 256 + 27 * $1.timestamps.count + 200 * $1.histograms.timestamps.count
                }
        }
    }
}
