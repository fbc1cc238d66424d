internal import MetricsModel

/// One series with its samples as a line of JSON.
///
/// `{"metric":{…},"timestamps":[…],"values":[…]}` with times in milliseconds; start timestamps, where known, as
/// `starts`, and histograms as `histograms`. NaN and infinities are strings, a stale marker is `"stale"`.
enum SeriesLine {
    /// Nil where no sample is in the range.
    static func json(_ labels: Labels, _ samples: SampleColumns, in range: TimeRange) -> String? {
        let floats = samples.timestamps.indices.filter { range.contains(samples.timestamps[$0]) }
        let histograms = samples.histograms.timestamps.indices.filter {
            range.contains(samples.histograms.timestamps[$0])
        }
        guard !floats.isEmpty || !histograms.isEmpty else { return nil }
        let metric = labels.pairs.map { "\(JSONText.string($0.name)):\(JSONText.string($0.value))" }
        var line = "{\"metric\":{\(metric.joined(separator: ","))}"
        if !floats.isEmpty {
            line += ",\"timestamps\":" + list(floats.map { "\(samples.timestamps[$0])" })
            line += ",\"values\":" + list(floats.map { value(samples.values[$0]) })
            if samples.startTimestamps.contains(where: { $0 != 0 }) {
                line += ",\"starts\":" + list(floats.map { "\(samples.startTimestamps[$0])" })
            }
        }
        if !histograms.isEmpty {
            line += ",\"histograms\":" + list(histograms.map { histogram($0, samples.histograms) })
        }
        return line + "}\n"
    }

    private static func value(_ value: Double) -> String {
        StaleMarker.isMarker(value) ? "\"stale\"" : JSONText.number(value)
    }

    private static func histogram(_ index: Int, _ columns: HistogramColumns) -> String {
        let histogram = columns.values[index]
        var text = "{\"timestamp\":\(columns.timestamps[index])"
        if !columns.startTimestamps.isEmpty, columns.startTimestamps[index] != 0 {
            text += ",\"start\":\(columns.startTimestamps[index])"
        }
        text += ",\"schema\":\(histogram.schema),\"hint\":\"\(histogram.resetHint)\""
        text += ",\"count\":\(JSONText.number(histogram.count)),\"sum\":\(value(histogram.sum))"
        text += ",\"zero_threshold\":\(JSONText.number(histogram.zeroThreshold))"
        text += ",\"zero_count\":\(JSONText.number(histogram.zeroCount))"
        for (name, buckets) in [("positive", histogram.positive), ("negative", histogram.negative)]
        {
            let pairs = zip(buckets.indexes, buckets.counts).map {
                "[\($0),\(JSONText.number($1))]"
            }
            if !pairs.isEmpty { text += ",\"\(name)\":" + list(pairs) }
        }
        if !histogram.customBounds.isEmpty {
            text += ",\"bounds\":" + list(histogram.customBounds.map(JSONText.number))
        }
        return text + "}"
    }

    private static func list(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ",") + "]"
    }
}
