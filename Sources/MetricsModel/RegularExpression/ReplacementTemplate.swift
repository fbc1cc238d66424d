/// A text in which `$1`, `${1}`, `$name` and `${name}` stand for what groups matched.
///
/// `$$` is a dollar sign. The longest name counts: `$1x` is the group named `1x`.
public struct ReplacementTemplate: Sendable {
    private enum Part: Sendable {
        case text(String)
        case group(Int)
    }

    private var parts: [Part] = []

    public init(_ text: String, for expression: RegularExpression) {
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            parts.append(.text(String(rest[..<dollar])))
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                parts.append(.text("$"))
                rest.removeFirst()
            } else if let name = Self.takeName(&rest) {
                if let group = Self.group(name, expression) { parts.append(.group(group)) }
            } else {
                parts.append(.text("$"))
            }
        }
        parts.append(.text(String(rest)))
    }

    /// Whether anything stands for what a group matched, as far as can be told without an expression.
    public static func hasReferences(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "$"))
    }

    /// - Parameter captures: Of the expression: the whole match, then its groups.
    public func expand(_ captures: [String?]) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .group(let index): result += captures[index] ?? ""
            }
        }
        return result
    }

    /// Takes `name` or `{name}`; nil, taking nothing, if neither is there.
    private static func takeName(_ text: inout Substring) -> Substring? {
        var rest = text
        let isBraced = rest.first == "{"
        if isBraced { rest.removeFirst() }
        let name = rest.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
        guard !name.isEmpty else { return nil }
        rest = rest.dropFirst(name.count)
        if isBraced {
            guard rest.first == "}" else { return nil }
            rest.removeFirst()
        }
        text = rest
        return name
    }

    /// The group's number; nil for a group that does not exist and so is empty.
    private static func group(_ name: Substring, _ expression: RegularExpression) -> Int? {
        if name.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
            guard let index = Int(name), index <= expression.groupCount else { return nil }
            return index
        }
        return expression.groupIndex(named: String(name))
    }
}
