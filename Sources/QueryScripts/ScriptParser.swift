import MetricsModel

/// Turns the text of a test script into its commands.
struct ScriptParser {
    private var lines: [String]
    private var position = 0

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let trimmed = Self.trimmed(line)
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    mutating func commands() throws -> [ScriptCommand] {
        var commands: [ScriptCommand] = []
        while position < lines.count {
            let line = lines[position]
            if line.isEmpty {
                position += 1
            } else if line.lowercased().hasPrefix("clear") {
                position += 1
                commands.append(.clear)
            } else if line.hasPrefix("load") {
                commands.append(.load(try load()))
            } else if line.hasPrefix("eval") {
                commands.append(.evaluate(try evaluation()))
            } else {
                throw ScriptError(line: position + 1, reason: "no command: \(line)")
            }
        }
        return commands
    }

    /// The lines of a block behind its first, with their numbers.
    private mutating func body() -> [(number: Int, text: String)] {
        var body: [(number: Int, text: String)] = []
        position += 1
        while position < lines.count, !lines[position].isEmpty {
            body.append((position + 1, lines[position]))
            position += 1
        }
        return body
    }

    private mutating func load() throws -> ScriptLoad {
        let words = lines[position].split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let step = ScriptNumber.duration(words[1]) else {
            throw ScriptError(line: position + 1, reason: "bad load")
        }
        var load = ScriptLoad(step: step, buildsHistograms: words[0] == "load_with_nhcb")
        var hasStartTimestamps = false
        for (number, text) in body() {
            let parser = ScriptPointParser(line: number)
            if parser.split(text).metric.hasSuffix("@st") {
                hasStartTimestamps = true
                continue
            }
            let (labels, points) = try parser.series(text)
            load.series.removeAll { $0.labels == labels }
            load.series.append(
                ScriptLoad.Series(
                    labels: labels,
                    points: points,
                    hasStartTimestamps: hasStartTimestamps
                )
            )
            hasStartTimestamps = false
        }
        return load
    }

    private mutating func evaluation() throws -> ScriptEvaluation {
        let number = position + 1
        var words = lines[position].split(whereSeparator: \.isWhitespace)[...]
        let command = words.removeFirst()
        guard words.first == "instant" || words.first == "range" else {
            throw ScriptError(line: number, reason: "bad eval")
        }
        let isInstant = words.removeFirst() == "instant"
        var time = ScriptEvaluation.Time.instant(0)
        if isInstant, words.first == "at" {
            time = .instant(try Self.duration(words.dropFirst().first, number))
            words = words.dropFirst(2)
        } else if !isInstant {
            let parts = Array(words.prefix(6))
            guard parts.count == 6, parts[0] == "from", parts[2] == "to", parts[4] == "step" else {
                throw ScriptError(line: number, reason: "bad range")
            }
            time = .range(
                start: try Self.duration(parts[1], number),
                end: try Self.duration(parts[3], number),
                step: try Self.duration(parts[5], number)
            )
            words = words.dropFirst(6)
        }
        guard let first = words.first else { throw ScriptError(line: number, reason: "no query") }
        let query = String(lines[position][first.startIndex...])
        var evaluation = ScriptEvaluation(line: number, time: time, query: query)
        switch command {
        case "eval": break
        case "eval_fail": evaluation.failure = .any
        case "eval_warn": evaluation.warnings = [.any]
        case "eval_info": evaluation.infos = [.any]
        case "eval_ordered": evaluation.isOrdered = true
        default: throw ScriptError(line: number, reason: "no command: \(command)")
        }
        for (number, text) in body() { try expect(text, number, &evaluation) }
        return evaluation
    }

    private static func duration(_ text: Substring?, _ line: Int) throws -> Int64 {
        guard let text, let duration = ScriptNumber.duration(text) else {
            throw ScriptError(line: line, reason: "bad duration \(text ?? "")")
        }
        return duration
    }

    /// Reads one line of a body.
    private func expect(
        _ text: String,
        _ number: Int,
        _ evaluation: inout ScriptEvaluation
    ) throws {
        if text.hasPrefix("expect ") {
            try rule(String(text.dropFirst(7)), number, &evaluation)
        } else if text.hasPrefix("expected_fail_message ") {
            evaluation.failure = .equal(Self.trimmed(text.dropFirst(22)))
        } else if text.hasPrefix("expected_fail_regexp ") {
            evaluation.failure = .matches(Self.trimmed(text.dropFirst(21)))
        } else if let scalar = ScriptNumber.whole(text) {
            evaluation.expectedScalar = scalar
        } else {
            evaluation.expectedSeries.append(try ScriptPointParser(line: number).series(text))
        }
    }

    private func rule(
        _ text: String,
        _ number: Int,
        _ evaluation: inout ScriptEvaluation
    ) throws {
        let word = text.prefix { !$0.isWhitespace }
        let rest = Self.trimmed(text.dropFirst(word.count))
        switch word {
        case "fail": evaluation.failure = try textRule(rest, number)
        case "warn": evaluation.warnings.append(try textRule(rest, number))
        case "info": evaluation.infos.append(try textRule(rest, number))
        case "no_warn": evaluation.forbidsWarnings = true
        case "no_info": evaluation.forbidsInfos = true
        case "ordered": evaluation.isOrdered = true
        case "string": evaluation.expectedString = String(rest.dropFirst().dropLast())
        case "range":
            let words = rest.split(whereSeparator: \.isWhitespace)
            guard words.count == 7 else { throw ScriptError(line: number, reason: text) }
            evaluation.rangeVectorTimes = (
                try Self.duration(words[2], number), try Self.duration(words[6], number)
            )
        default: throw ScriptError(line: number, reason: "unknown expectation \(text)")
        }
    }

    private func textRule(_ text: String, _ number: Int) throws -> ScriptEvaluation.TextRule {
        if text.isEmpty { return .any }
        if text.hasPrefix("msg:") { return .equal(Self.trimmed(text.dropFirst(4))) }
        if text.hasPrefix("regex:") { return .matches(Self.trimmed(text.dropFirst(6))) }
        throw ScriptError(line: number, reason: "unknown expectation \(text)")
    }
}
