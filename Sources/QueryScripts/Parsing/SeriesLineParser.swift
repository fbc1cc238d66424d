internal import MetricsModel
internal import PromQL

/// Reads lines such as `name{label="value"} 1 2+3x4 _ stale`.
enum SeriesLineParser {
    /// Splits a line at the first white space that is neither in braces nor in quotes.
    static func split(_ text: String) -> (metric: Substring, points: Substring) {
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
            default:
                if depth == 0, character.isWhitespace { return (text[..<index], text[index...]) }
            }
        }
        return (text[...], "")
    }

    /// The labels of a series: a name, labels in braces, or both.
    static func labels(_ metric: Substring) throws(SyntaxFault) -> Labels {
        let selector: VectorSelector
        do {
            selector = try Parser.parseSelector(String(metric))
        } catch {
            throw SyntaxFault(reason: "bad series \"\(metric)\": \(error)")
        }
        var names: Set<String> = []
        for matcher in selector.matchers {
            guard matcher.operation == .equal else {
                throw SyntaxFault(
                    reason:
                        "bad series \"\(metric)\": label \"\(matcher.name)\" has no single value"
                )
            }
            guard names.insert(matcher.name).inserted else {
                throw SyntaxFault(
                    reason: "bad series \"\(metric)\": label \"\(matcher.name)\" stands twice"
                )
            }
        }
        return Labels(selector.matchers.map { ($0.name, $0.value) })
    }
}
