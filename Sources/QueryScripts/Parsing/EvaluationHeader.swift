/// Reads the first line of an `eval` block.
enum EvaluationHeader {
    /// - Parameter number: Of the line, from 1.
    static func evaluation(_ line: String, _ number: Int) throws(SyntaxFault) -> ScriptEvaluation {
        var words = line.split(whereSeparator: \.isWhitespace)[...]
        let command = words.removeFirst()
        let time: ScriptEvaluation.Time
        switch words.popFirst() {
        case "instant": time = try instant(&words)
        case "range": time = try range(&words)
        default: throw SyntaxFault(reason: "expected instant or range behind \(command)")
        }
        guard let first = words.first else { throw SyntaxFault(reason: "no expression") }
        var evaluation = ScriptEvaluation(
            line: number,
            time: time,
            query: String(line[first.startIndex...])
        )
        switch command {
        case "eval": break
        case "eval_fail": evaluation.failure = .any
        case "eval_warn": evaluation.warnings = [.any]
        case "eval_info": evaluation.infos = [.any]
        case "eval_ordered": evaluation.isOrdered = true
        default: throw SyntaxFault(reason: "unknown command \"\(command)\"")
        }
        return evaluation
    }

    /// Reads `from START to END step STEP`, from its first word.
    static func times(
        _ words: inout ArraySlice<Substring>
    ) throws(SyntaxFault) -> (start: Int64, end: Int64, step: Int64) {
        let start = try duration(behind: "from", &words)
        let end = try duration(behind: "to", &words)
        let step = try duration(behind: "step", &words)
        guard start <= end else { throw SyntaxFault(reason: "the range ends before it starts") }
        guard step > 0 else { throw SyntaxFault(reason: "a step of 0") }
        return (start, end, step)
    }

    private static func instant(
        _ words: inout ArraySlice<Substring>
    ) throws(SyntaxFault) -> ScriptEvaluation.Time {
        guard words.first == "at" else { return .instant(0) }
        return .instant(try duration(behind: "at", &words))
    }

    private static func range(
        _ words: inout ArraySlice<Substring>
    ) throws(SyntaxFault) -> ScriptEvaluation.Time {
        let (start, end, step) = try times(&words)
        return .range(start: start, end: end, step: step)
    }

    private static func duration(
        behind word: Substring,
        _ words: inout ArraySlice<Substring>
    ) throws(SyntaxFault) -> Int64 {
        guard words.popFirst() == word, let text = words.popFirst() else {
            throw SyntaxFault(reason: "expected \(word) and a duration")
        }
        guard let milliseconds = ScriptDuration.milliseconds(text) else {
            throw SyntaxFault(reason: "bad duration \"\(text)\" behind \(word)")
        }
        return milliseconds
    }
}
