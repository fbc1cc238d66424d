/// Turns the text of a test script into its commands.
struct ScriptParser {
    /// Of the script, for errors.
    private let name: String
    /// Trimmed; comments are empty.
    private let lines: [String]
    private var position = 0

    init(_ text: String, name: String) {
        self.name = name
        // By bytes: a carriage return before the line feed makes both one character.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        self.lines = lines.map { line in
            let trimmed = Self.trimmed(Substring(line))
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    /// A text without white space at both ends.
    static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    /// All commands of a script.
    ///
    /// - Throws: The first error.
    static func commands(of text: String, name: String) throws(ScriptError) -> [ScriptCommand] {
        var parser = ScriptParser(text, name: name)
        var commands: [ScriptCommand] = []
        while let command = try parser.next() { commands.append(command) }
        return commands
    }

    private mutating func next() throws(ScriptError) -> ScriptCommand? {
        while position < lines.count, lines[position].isEmpty { position += 1 }
        guard position < lines.count else { return nil }
        let line = lines[position]
        let number = position + 1
        let word = line.prefix { !$0.isWhitespace }
        position += 1
        if word.lowercased() == "clear" { return .clear }
        if word.hasPrefix("load") { return .load(try load(line, number)) }
        if word.hasPrefix("eval") {
            let header = try at(number) { () throws(SyntaxFault) in
                try EvaluationHeader.evaluation(line, number)
            }
            return .evaluate(try expectations(of: header))
        }
        throw ScriptError(script: name, line: number, reason: "unknown command \"\(word)\"")
    }

    /// The lines up to the next empty one, with their numbers.
    private mutating func body() -> [(number: Int, text: String)] {
        var body: [(number: Int, text: String)] = []
        while position < lines.count, !lines[position].isEmpty {
            body.append((position + 1, lines[position]))
            position += 1
        }
        return body
    }

    private mutating func load(_ line: String, _ number: Int) throws(ScriptError) -> ScriptLoad {
        var reader = try at(number) { () throws(SyntaxFault) in try LoadReader(line) }
        for (number, text) in body() {
            try at(number) { () throws(SyntaxFault) in try reader.take(text, number) }
        }
        return try at(number) { () throws(SyntaxFault) in try reader.finished() }
    }

    private mutating func expectations(
        of header: ScriptEvaluation
    ) throws(ScriptError) -> ScriptEvaluation {
        var reader = ExpectationReader(header)
        for (number, text) in body() {
            try at(number) { () throws(SyntaxFault) in try reader.take(text, number) }
        }
        return try at(header.line) { () throws(SyntaxFault) in try reader.finished() }
    }

    /// Runs what may find a fault in a line.
    private func at<Value>(
        _ line: Int,
        _ body: () throws(SyntaxFault) -> Value
    ) throws(ScriptError) -> Value {
        do throws(SyntaxFault) {
            return try body()
        } catch {
            throw ScriptError(script: name, line: error.line ?? line, reason: error.reason)
        }
    }
}
