internal import MetricsModel

/// Reads a histogram: `{{schema:0 count:3 sum:4.5 buckets:[1 2]}}`.
///
/// Nothing is derived: the count stays as written, even where the buckets hold another.
struct HistogramParser {
    private var histogram = Histogram()
    private var keys: Set<Substring> = []
    private var offset: Int32 = 0
    private var counts: [Double] = []
    private var negativeOffset: Int32 = 0
    private var negativeCounts: [Double] = []

    /// - Returns: nil where the text goes on with something else.
    static func take(_ cursor: inout ScriptCursor) throws(SyntaxFault) -> ScriptHistogram? {
        guard cursor.accept("{{") else { return nil }
        guard let text = cursor.take(through: "}}") else {
            throw SyntaxFault(reason: "a histogram without }}: \"{{\(cursor.rest)\"")
        }
        var parser = HistogramParser()
        for item in try PointParser.items(text) { try parser.take(item) }
        return ScriptHistogram(
            value: try parser.finished(),
            statesHint: parser.keys.contains("counter_reset_hint")
        )
    }

    private mutating func take(_ item: Substring) throws(SyntaxFault) {
        guard let colon = item.firstIndex(of: ":") else {
            throw SyntaxFault(reason: "not key:value in a histogram: \"\(item)\"")
        }
        let key = item[..<colon]
        let text = item[colon...].dropFirst()
        guard keys.insert(key).inserted else {
            throw SyntaxFault(reason: "\"\(key)\" stands twice in a histogram")
        }
        switch key {
        case "schema": histogram.schema = try Self.schema(text)
        case "sum": histogram.sum = try Self.number(text)
        case "count": histogram.count = try Self.number(text)
        case "z_bucket": histogram.zeroCount = try Self.number(text)
        case "z_bucket_w": histogram.zeroThreshold = try Self.number(text)
        case "buckets": counts = try Self.numbers(text)
        case "offset": offset = try Self.integer(text)
        case "n_buckets": negativeCounts = try Self.numbers(text)
        case "n_offset": negativeOffset = try Self.integer(text)
        case "custom_values": histogram.customBounds = try Self.numbers(text)
        case "counter_reset_hint": histogram.resetHint = try Self.hint(text)
        default: throw SyntaxFault(reason: "unknown key \"\(key)\" in a histogram")
        }
    }

    private func finished() throws(SyntaxFault) -> Histogram {
        var result = histogram
        result.positive = try Self.buckets(counts, from: offset)
        result.negative = try Self.buckets(negativeCounts, from: negativeOffset)
        guard result.usesCustomBounds else {
            guard result.customBounds.isEmpty else {
                throw SyntaxFault(reason: "custom_values need the schema -53")
            }
            return result
        }
        let bounds = result.customBounds
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw SyntaxFault(reason: "custom_values do not ascend: \(bounds)")
        }
        return result
    }

    private static func buckets(
        _ counts: [Double],
        from offset: Int32
    ) throws(SyntaxFault) -> Histogram.Buckets {
        guard !counts.isEmpty else { return .none }
        let (last, overflow) = offset.addingReportingOverflow(Int32(clamping: counts.count - 1))
        guard !overflow else { throw SyntaxFault(reason: "bucket indexes beyond 32 bits") }
        return Histogram.Buckets(indexes: Array(offset...last), counts: counts)
    }

    private static func number(_ text: Substring) throws(SyntaxFault) -> Double {
        var cursor = ScriptCursor(text)
        guard let value = cursor.number(), cursor.isAtEnd else {
            throw SyntaxFault(reason: "bad number \"\(text)\" in a histogram")
        }
        return value
    }

    private static func numbers(_ text: Substring) throws(SyntaxFault) -> [Double] {
        guard text.hasPrefix("["), text.hasSuffix("]") else {
            throw SyntaxFault(reason: "not a list in a histogram: \"\(text)\"")
        }
        var numbers: [Double] = []
        for item in text.dropFirst().dropLast().split(whereSeparator: \.isWhitespace) {
            numbers.append(try number(item))
        }
        return numbers
    }

    private static func integer(_ text: Substring) throws(SyntaxFault) -> Int32 {
        guard let value = Int32(text) else {
            throw SyntaxFault(reason: "bad integer \"\(text)\" in a histogram")
        }
        return value
    }

    private static func schema(_ text: Substring) throws(SyntaxFault) -> Int8 {
        guard let schema = Int8(text), (-4...8).contains(schema) || schema == Histogram.customSchema
        else { throw SyntaxFault(reason: "unknown schema \"\(text)\"") }
        return schema
    }

    private static func hint(_ text: Substring) throws(SyntaxFault) -> Histogram.ResetHint {
        switch text {
        case "unknown": return .unknown
        case "reset": return .reset
        case "not_reset": return .notReset
        case "gauge": return .gauge
        default: throw SyntaxFault(reason: "unknown counter_reset_hint \"\(text)\"")
        }
    }
}
