import MetricsModel
import PromQL

/// Reads `name{label="value"} 1 2+3x4 _ stale`.
struct ScriptPointParser {
    let line: Int

    /// Splits a series line and expands its points.
    func series(_ text: String) throws -> (labels: Labels, points: [ScriptPoint]) {
        let (metric, rest) = split(text)
        return (try labels(metric), try points(rest))
    }

    func labels(_ metric: String) throws -> Labels {
        if metric == "{}" { return .empty }
        // A name followed by `{}` is allowed here as in queries.
        let selector: VectorSelector
        do {
            selector = try Parser.parseSelector(metric)
        } catch {
            throw ScriptError(line: line, reason: "\(metric): \(error)")
        }
        return Labels(selector.matchers.map { ($0.name, $0.value) })
    }

    /// The series and the points: they are separated by the first space outside of the braces.
    func split(_ text: String) -> (metric: String, points: String) {
        var quote: Character?
        var isEscaped = false
        var depth = 0
        for index in text.indices {
            let character = text[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\", open != "`" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
                continue
            }
            switch character {
            case "\"", "'", "`": quote = character
            case "{": depth += 1
            case "}": depth -= 1
            case " ", "\t":
                if depth == 0 { return (String(text[..<index]), String(text[index...])) }
            default: break
            }
        }
        return (text, "")
    }

    func points(_ text: String) throws -> [ScriptPoint] {
        var points: [ScriptPoint] = []
        for item in try items(text) { points += try expand(item) }
        return points
    }

    /// Splits at spaces that are not inside of a histogram.
    private func items(_ text: String) throws -> [String] {
        var items: [String] = []
        var current = ""
        var depth = 0
        for character in text {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if depth == 0, character == " " || character == "\t" {
                if !current.isEmpty { items.append(current) }
                current = ""
            } else {
                current.append(character)
            }
        }
        if !current.isEmpty { items.append(current) }
        guard depth == 0 else {
            throw ScriptError(line: line, reason: "unbalanced braces: \(text)")
        }
        return items
    }

    private func expand(_ item: String) throws -> [ScriptPoint] {
        if item == "stale" { return [.stale] }
        if item.hasPrefix("_") {
            if item == "_" { return [.gap] }
            guard item.hasPrefix("_x"), let count = Int(item.dropFirst(2)) else {
                throw ScriptError(line: line, reason: "bad point \(item)")
            }
            return [ScriptPoint](repeating: .gap, count: count)
        }
        if item.hasPrefix("{{") {
            guard let end = item.lastIndex(of: "}") else {
                throw ScriptError(line: line, reason: "bad histogram \(item)")
            }
            let rest = item[item.index(after: end)...]
            guard rest.hasPrefix("x") else { return [.histogram] }
            return [ScriptPoint](repeating: .histogram, count: (Int(rest.dropFirst()) ?? 0) + 1)
        }
        var rest = Substring(item)
        guard var value = ScriptNumber.take(&rest) else {
            throw ScriptError(line: line, reason: "bad point \(item)")
        }
        if rest.isEmpty { return [.float(value)] }
        var increment = 0.0
        if !rest.hasPrefix("x") {
            guard rest.hasPrefix("+") || rest.hasPrefix("-"), let number = ScriptNumber.take(&rest)
            else { throw ScriptError(line: line, reason: "bad point \(item)") }
            increment = number
        }
        guard rest.hasPrefix("x"), let count = Int(rest.dropFirst()) else {
            throw ScriptError(line: line, reason: "bad point \(item)")
        }
        var points: [ScriptPoint] = []
        for _ in 0...count {
            points.append(.float(value))
            value += increment
        }
        return points
    }
}

/// The numbers and durations of scripts.
enum ScriptNumber {
    /// Takes a signed number, `Inf`, `NaN` or duration (in seconds) from the start of a text.
    static func take(_ text: inout Substring) -> Double? {
        var rest = text
        var sign = 1.0
        if let first = rest.first, first == "+" || first == "-" {
            sign = first == "-" ? -1 : 1
            rest.removeFirst()
        }
        for (word, value) in [("inf", Double.infinity), ("nan", Double.nan)]
        where rest.prefix(3).lowercased() == word {
            text = rest.dropFirst(3)
            return sign * value
        }
        var number = rest.prefix { $0.isNumber || $0 == "." }
        let behind = rest.dropFirst(number.count)
        if let mark = behind.first, mark == "e" || mark == "E" {
            let exponent = behind.dropFirst()
            let signs = exponent.prefix { $0 == "+" || $0 == "-" }
            let digits = exponent.dropFirst(signs.count).prefix { $0.isNumber }
            if signs.count <= 1, !digits.isEmpty { number = rest[..<digits.endIndex] }
        }
        if let first = rest.dropFirst(number.count).first, "ywdhms".contains(first) {
            let duration = rest.prefix { $0.isNumber || "ywdhms".contains($0) }
            guard let amount = milliseconds(duration) else { return nil }
            text = rest.dropFirst(duration.count)
            return sign * Double(amount) / 1000
        }
        guard let value = Double(number) else { return nil }
        text = rest.dropFirst(number.count)
        return sign * value
    }

    /// A whole text that is just a number.
    static func whole(_ text: String) -> Double? {
        if let hexadecimal = Double(text), text.lowercased().contains("0x") { return hexadecimal }
        var rest = Substring(text)
        guard let value = take(&rest), rest.isEmpty else { return nil }
        return value
    }

    /// Milliseconds of a duration such as `1h30m`; a bare `0` is allowed.
    static func duration(_ text: some StringProtocol) -> Int64? {
        if text == "0" { return 0 }
        return milliseconds(Substring(text))
    }

    private static func milliseconds(_ text: Substring) -> Int64? {
        let units: [(String, Int64)] = [
            ("ms", 1), ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000),
            ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        var rest = text
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let count = Int64(digits),
                let (unit, size) = units.first(where: { rest.hasPrefix($0.0) })
            else { return nil }
            rest = rest.dropFirst(unit.count)
            total += count * size
        }
        return text.isEmpty ? nil : total
    }
}
