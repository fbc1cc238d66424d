internal import MetricsModel

/// Reads a `load` block, line by line.
struct LoadReader {
    private var load: ScriptLoad
    /// Positions in the load.
    private var known: [Labels: Int] = [:]
    /// Start timestamps that wait for the points of their series.
    private var waiting: (labels: Labels, offsets: [Int64?])?

    /// - Parameter line: The first one, `load 5m`.
    init(_ line: String) throws(SyntaxFault) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "load" || words[0] == "load_with_nhcb" else {
            throw SyntaxFault(reason: "expected load or load_with_nhcb and a step, got \"\(line)\"")
        }
        guard let step = ScriptDuration.milliseconds(words[1]) else {
            throw SyntaxFault(reason: "bad step \"\(words[1])\"")
        }
        load = ScriptLoad(step: step, buildsHistograms: words[0] == "load_with_nhcb")
    }

    mutating func take(_ text: String, _ line: Int) throws(SyntaxFault) {
        let (metric, rest) = SeriesLineParser.split(text)
        if metric.hasSuffix("@st") {
            guard waiting == nil else {
                throw SyntaxFault(reason: "two lines with start timestamps and no points between")
            }
            let labels = try SeriesLineParser.labels(metric.dropLast("@st".count))
            waiting = (labels, try StartOffsetParser.offsets(rest))
            return
        }
        var series = ScriptLoad.Series(
            line: line,
            labels: try SeriesLineParser.labels(metric),
            points: try PointParser.points(rest)
        )
        guard !series.points.isEmpty else { throw SyntaxFault(reason: "a series without points") }
        try checkTimes(series)
        if let (labels, offsets) = waiting {
            guard labels == series.labels else {
                throw SyntaxFault(reason: "start timestamps of another series stand before this")
            }
            guard offsets.count == series.points.count else {
                throw SyntaxFault(
                    reason: "\(offsets.count) start timestamps for \(series.points.count) points"
                )
            }
            series.startOffsets = offsets
            waiting = nil
        }
        // A second line with the same labels takes the place of the first.
        if let index = known[series.labels] {
            load.series[index] = series
        } else {
            known[series.labels] = load.series.count
            load.series.append(series)
        }
    }

    func finished() throws(SyntaxFault) -> ScriptLoad {
        guard waiting == nil else {
            throw SyntaxFault(reason: "start timestamps without points in this block")
        }
        return load
    }

    private func checkTimes(_ series: ScriptLoad.Series) throws(SyntaxFault) {
        let count = Int64(series.points.count)
        // Room for what a query adds and subtracts.
        guard !count.multipliedReportingOverflow(by: load.step).overflow,
            count * load.step <= Int64.max / 1_000_000
        else { throw SyntaxFault(reason: "points later than 292 years") }
    }
}
