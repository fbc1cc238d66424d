import MetricsModel
import Yams

/// Relabelling rules and names of labels, as Prometheus and Cortex write them.
private enum RelabelText {
    /// Entries of a list.
    static let maximumCount = 100
    /// Bytes of one text of a rule.
    static let maximumSize = 4096

    static func word(_ node: Node, _ place: String) throws(ValueRefusal) -> String {
        let text = try StructuredValue.word(node, place)
        guard text.utf8.count <= maximumSize else {
            throw StructuredValue.refusal(place, "has more than \(maximumSize) bytes")
        }
        return text
    }

    static func checkCount(_ count: Int) throws(ValueRefusal) {
        guard count <= maximumCount else {
            throw ValueRefusal(reason: "it has more than \(maximumCount) entries")
        }
    }

    static func words(_ nodes: [Node], _ place: String) throws(ValueRefusal) -> [String] {
        try checkCount(nodes.count)
        var words: [String] = []
        for node in nodes {
            let word = try word(node, place)
            guard !word.isEmpty else {
                throw StructuredValue.refusal(place, "has an empty name")
            }
            words.append(word)
        }
        return words
    }

    static func list(_ words: [String]) -> String {
        "[" + words.map(StructuredValue.quoted).joined(separator: ",") + "]"
    }
}

extension ValueType where Value == [String] {
    /// Names of labels, which may have any content.
    static var labelNames: Self {
        Self(
            "LIST",
            "a YAML list of label names",
            parse: { text throws(ValueRefusal) in
                try RelabelText.words(try StructuredValue.list(of: text), "the list")
            },
            format: { RelabelText.list($0) }
        )
    }
}

extension ValueType where Value == [RelabelRule] {
    /// The form of Prometheus' `relabel_config`.
    static var relabelRules: Self {
        Self(
            "LIST",
            "a YAML list of relabelling rules as in Prometheus",
            parse: { text throws(ValueRefusal) in
                let nodes = try StructuredValue.list(of: text)
                try RelabelText.checkCount(nodes.count)
                var rules: [RelabelRule] = []
                for (index, node) in nodes.enumerated() {
                    let rule = try read(node, "rule \(index + 1)")
                    if let fault = rule.fault {
                        throw StructuredValue.refusal("rule \(index + 1):", fault)
                    }
                    rules.append(rule)
                }
                return rules
            },
            format: { "[" + $0.map(text).joined(separator: ",") + "]" }
        )
    }

    private static func read(_ node: Node, _ place: String) throws(ValueRefusal) -> RelabelRule {
        var rule = RelabelRule()
        for (name, value) in try StructuredValue.mapping(node, place) {
            let here = "\(name) of \(place)"
            switch name {
            case "source_labels":
                guard let sequence = value.sequence else {
                    throw StructuredValue.refusal(here, "is no list of label names")
                }
                rule.sourceLabels = try RelabelText.words(Array(sequence), here)
            case "separator": rule.separator = try RelabelText.word(value, here)
            case "regex": rule.regex = try RelabelText.word(value, here)
            case "modulus":
                guard let modulus = UInt64(try RelabelText.word(value, here)) else {
                    throw StructuredValue.refusal(here, "is no whole number")
                }
                rule.modulus = modulus
            case "target_label": rule.targetLabel = try RelabelText.word(value, here)
            case "replacement": rule.replacement = try RelabelText.word(value, here)
            case "action":
                let word = try RelabelText.word(value, here).lowercased()
                guard let action = RelabelRule.Action(rawValue: word) else {
                    let known = RelabelRule.Action.allCases.map(\.rawValue)
                    throw StructuredValue.refusal(
                        here,
                        "is none of " + known.joined(separator: ", ")
                    )
                }
                rule.action = action
            default: throw StructuredValue.refusal(place, "has the unknown name \"\(name)\"")
            }
        }
        return rule
    }

    /// What differs from the defaults, and the action.
    private static func text(of rule: RelabelRule) -> String {
        let usual = RelabelRule()
        var parts: [String] = []
        if !rule.sourceLabels.isEmpty {
            parts.append("\"source_labels\":" + RelabelText.list(rule.sourceLabels))
        }
        func add(_ name: String, _ value: String, unless usual: String) {
            guard value != usual else { return }
            parts.append("\"\(name)\":" + StructuredValue.quoted(value))
        }
        add("separator", rule.separator, unless: usual.separator)
        add("regex", rule.regex, unless: usual.regex)
        if rule.modulus > 0 { parts.append("\"modulus\":\(rule.modulus)") }
        add("target_label", rule.targetLabel, unless: usual.targetLabel)
        add("replacement", rule.replacement, unless: usual.replacement)
        parts.append("\"action\":\"\(rule.action.rawValue)\"")
        return "{" + parts.joined(separator: ",") + "}"
    }
}
