public import ClusterInterface

/// The text of the catalog's `metrics` column: `{"metric name": [series, samples], …}`.
///
/// Metric names may hold NUL, which PostgreSQL's JSON does not: in names a backslash is written twice, and NUL
/// as a backslash and 0, before JSON's own escapes.
public enum MetricsColumn {
    /// Names are in the order of their bytes; counts of a name that comes twice are added.
    public static func json(_ metrics: [MetricSummary]) -> String {
        let sorted = metrics.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var text = "{"
        var index = 0
        while index < sorted.count {
            let name = sorted[index].name
            var seriesCount = 0
            var sampleCount = 0
            // By bytes: names that only look the same are different metrics.
            while index < sorted.count, sorted[index].name.utf8.elementsEqual(name.utf8) {
                seriesCount += sorted[index].seriesCount
                sampleCount += sorted[index].sampleCount
                index += 1
            }
            if text.utf8.count > 1 { text += "," }
            appendName(name, to: &text)
            text += ":[\(seriesCount),\(sampleCount)]"
        }
        return text + "}"
    }

    private static func appendName(_ name: String, to text: inout String) {
        text += "\""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\0": text += #"\\0"#
            case "\\": text += #"\\\\"#
            case "\"": text += #"\""#
            case "\u{1}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
