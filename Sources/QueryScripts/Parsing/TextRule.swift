internal import MetricsModel

/// What a script demands of the text of an error or an annotation.
enum TextRule: CustomStringConvertible {
    case any
    case equal(String)
    /// Some part of the text matches.
    case matches(pattern: String, RegularExpression)

    /// Reads what stands behind `expect warn` and the like.
    init(_ text: String) throws(SyntaxFault) {
        if text.isEmpty {
            self = .any
        } else if text.hasPrefix("msg:") {
            self = .equal(ScriptParser.trimmed(text.dropFirst("msg:".count)))
        } else if text.hasPrefix("regex:") {
            try self.init(pattern: ScriptParser.trimmed(text.dropFirst("regex:".count)))
        } else {
            throw SyntaxFault(reason: "expected msg: or regex:, got \"\(text)\"")
        }
    }

    init(pattern: String) throws(SyntaxFault) {
        do throws(RegularExpressionError) {
            // Alone first: a parenthesis must not pair with ours.
            _ = try RegularExpression(pattern)
            self = .matches(pattern: pattern, try RegularExpression(".*(?:\(pattern)).*"))
        } catch {
            throw SyntaxFault(reason: "bad regular expression \"\(pattern)\": \(error.code)")
        }
    }

    func accepts(_ text: String) -> Bool {
        switch self {
        case .any: true
        case .equal(let wanted): text == wanted
        case .matches(_, let expression): expression.matches(text)
        }
    }

    var description: String {
        switch self {
        case .any: "any"
        case .equal(let text): text
        case .matches(let pattern, _): "a match of \(pattern)"
        }
    }
}
