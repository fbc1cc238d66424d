import Yams

/// Values of limits that are lists of mappings: YAML in the overrides file, the same as one text (YAML or JSON) in the
/// other sources of the configuration.
enum StructuredValue {
    /// Nesting that a value may have.
    static let maximumDepth = 8
    /// Bytes of one value as text.
    private static let maximumSize = 1 << 20

    /// Why a value is refused, and where in it.
    static func refusal(_ place: String, _ problem: String) -> ValueRefusal {
        ValueRefusal(reason: "\(place) \(problem)")
    }

    /// The entries of a list; none for nothing.
    static func list(of text: String) throws(ValueRefusal) -> [Node] {
        guard text.utf8.count <= maximumSize else {
            throw ValueRefusal(reason: "it has more than \(maximumSize) bytes")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw refusal("it is no YAML:", ConfigurationFile.reason(of: error))
        } catch {
            throw refusal("it is no YAML:", "\(error)")
        }
        guard let root, !ConfigurationFile.isNull(root) else { return [] }
        guard let sequence = root.sequence else {
            throw ValueRefusal(reason: "expected a list")
        }
        return Array(sequence)
    }

    /// The entries of a mapping with words as names.
    static func mapping(
        _ node: Node,
        _ place: String
    ) throws(ValueRefusal) -> [(name: String, value: Node)] {
        guard let mapping = node.mapping else {
            throw refusal(place, "is no mapping of names to values")
        }
        var pairs: [(name: String, value: Node)] = []
        for (name, value) in mapping {
            guard let name = name.scalar?.string else {
                throw refusal(place, "has a name that is no word")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The text of a scalar.
    static func word(_ node: Node, _ place: String) throws(ValueRefusal) -> String {
        guard let scalar = node.scalar else { throw refusal(place, "is no single value") }
        return scalar.string
    }

    /// A text as JSON and YAML read it alike, whatever is in it.
    static func quoted(_ text: String) -> String {
        JSONText.string(text, maxSize: .max)
            .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
            .replacing("\u{feff}", with: "\\ufeff")
    }

    /// A node of the overrides file as the text that other sources have; nil where it is nested too deeply.
    static func text(of node: Node, depth: Int = 0) -> String? {
        guard depth <= maximumDepth else { return nil }
        if let scalar = node.scalar {
            // A whole value may be given as text here, too.
            return depth == 0 ? scalar.string : quoted(scalar.string)
        }
        if let sequence = node.sequence {
            let items = sequence.map { text(of: $0, depth: depth + 1) }
            guard items.allSatisfy({ $0 != nil }) else { return nil }
            return "[" + items.compactMap(\.self).joined(separator: ",") + "]"
        }
        guard let mapping = node.mapping else { return nil }
        var items: [String] = []
        for (name, value) in mapping {
            guard let name = name.scalar?.string, let value = text(of: value, depth: depth + 1)
            else { return nil }
            items.append(quoted(name) + ":" + value)
        }
        return "{" + items.joined(separator: ",") + "}"
    }
}
