internal import MetricsModel
internal import PromQL

/// Expands lists of points: `1 2+3x4 _ stale {{count:1}}`.
enum PointParser {
    /// Bound on the positions of one line, so that `1x999999999` takes no memory.
    static let maximumCount = 1_000_000

    static func points(_ text: some StringProtocol) throws(SyntaxFault) -> [ScriptPoint] {
        var points: [ScriptPoint] = []
        for item in try items(text) {
            var cursor = ScriptCursor(item)
            let isKnown = try expand(&cursor, into: &points)
            guard isKnown, cursor.isAtEnd else {
                throw SyntaxFault(reason: "bad point \"\(item)\"")
            }
        }
        return points
    }

    /// Splits at white space that is not inside of braces or brackets.
    static func items(_ text: some StringProtocol) throws(SyntaxFault) -> [Substring] {
        var depth = 0
        let items = Substring(text).split { character in
            if "{[".contains(character) { depth += 1 }
            if "}]".contains(character) { depth -= 1 }
            return depth == 0 && character.isWhitespace
        }
        guard depth == 0 else { throw SyntaxFault(reason: "unbalanced braces in \"\(text)\"") }
        return items
    }

    /// Takes `xN` if it is there.
    ///
    /// - Returns: N; nil where nothing more is in the text.
    static func repetitions(
        _ cursor: inout ScriptCursor,
        after count: Int
    ) throws(SyntaxFault) -> Int? {
        guard cursor.accept("x") else { return nil }
        guard let repetitions = cursor.unsigned() else {
            throw SyntaxFault(reason: "no number of repetitions before \"\(cursor.rest)\"")
        }
        guard repetitions < maximumCount - count else {
            throw SyntaxFault(reason: "more than \(maximumCount) positions")
        }
        return repetitions
    }

    /// - Returns: Whether it is any kind of point.
    private static func expand(
        _ cursor: inout ScriptCursor,
        into points: inout [ScriptPoint]
    ) throws(SyntaxFault) -> Bool {
        if cursor.rest == "stale" {
            _ = cursor.accept("stale")
            points.append(.float(StaleMarker.value))
            return true
        }
        if cursor.accept("_") {
            let count = try repetitions(&cursor, after: points.count) ?? 1
            points.append(contentsOf: repeatElement(.gap, count: count))
            return true
        }
        if cursor.rest.hasPrefix("{{") { return try expandHistogram(&cursor, into: &points) }
        guard var value = cursor.number() else { return false }
        var increment = 0.0
        if !cursor.isAtEnd, !cursor.rest.hasPrefix("x") {
            guard "+-".contains(cursor.rest.prefix(1)), let number = cursor.number(),
                cursor.rest.hasPrefix("x")
            else { return false }
            increment = number
        }
        for _ in 0...(try repetitions(&cursor, after: points.count) ?? 0) {
            points.append(.float(value))
            // Also where nothing is added: -0 stays -0.
            if increment != 0 { value += increment }
        }
        return true
    }

    private static func expandHistogram(
        _ cursor: inout ScriptCursor,
        into points: inout [ScriptPoint]
    ) throws(SyntaxFault) -> Bool {
        guard var current = try HistogramParser.take(&cursor) else { return false }
        var next: (ScriptHistogram) throws(SyntaxFault) -> ScriptHistogram = { $0 }
        if cursor.rest.hasPrefix("+") || cursor.rest.hasPrefix("-") {
            let isSum = cursor.accept("+")
            if !isSum { _ = cursor.accept("-") }
            guard let step = try HistogramParser.take(&cursor), cursor.rest.hasPrefix("x") else {
                return false
            }
            next = { current throws(SyntaxFault) in
                isSum ? try current.adding(step) : try current.subtracting(step)
            }
        }
        points.append(.histogram(current))
        for _ in 0..<(try repetitions(&cursor, after: points.count) ?? 0) {
            current = try next(current)
            points.append(.histogram(current))
        }
        return true
    }
}
