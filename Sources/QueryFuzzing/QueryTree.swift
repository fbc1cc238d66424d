public import PromQL

/// A generated query that remembers how it was built, so that it can be made smaller.
public struct QueryTree: Sendable {
    /// A piece of the text.
    public enum Part: Sendable {
        case text(String)
        /// A piece for which simpler ones can stand in.
        case reducible(String, simpler: [String])
        /// Pieces between commas, any of which can be left out.
        case list([String])
        case child(QueryTree)
    }

    public var type: ValueType
    public var parts: [Part]
    /// What this node adds to the traits of the whole.
    public var ownTraits: QueryTraits

    public init(_ type: ValueType, _ parts: [Part], traits: QueryTraits = []) {
        self.type = type
        self.parts = parts
        ownTraits = traits
    }

    /// A node without children.
    public init(_ type: ValueType, _ text: String, traits: QueryTraits = []) {
        self.init(type, [.text(text)], traits: traits)
    }

    /// The query.
    public var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    /// Of this node and all below.
    public var traits: QueryTraits {
        children.reduce(ownTraits) { $0.union($1.traits) }
    }

    var children: [QueryTree] {
        parts.compactMap { if case .child(let child) = $0 { child } else { nil } }
    }

    /// The trees that are one step smaller, the greatest steps first.
    public var reductions: [QueryTree] {
        descendants.filter { $0.type == type } + localReductions + childReductions
    }

    private var descendants: [QueryTree] {
        children + children.flatMap(\.descendants)
    }

    private var localReductions: [QueryTree] {
        var result: [QueryTree] = []
        for (index, part) in parts.enumerated() {
            switch part {
            case .text, .child: break
            case .reducible(_, let simpler):
                for (position, text) in simpler.enumerated() {
                    let rest = Array(simpler[..<position])
                    result.append(replacing(index, .reducible(text, simpler: rest)))
                }
            case .list(let items):
                for position in items.indices {
                    var fewer = items
                    fewer.remove(at: position)
                    result.append(replacing(index, .list(fewer)))
                }
            }
        }
        return result
    }

    private var childReductions: [QueryTree] {
        var result: [QueryTree] = []
        for (index, part) in parts.enumerated() {
            guard case .child(let child) = part else { continue }
            result += child.reductions.map { replacing(index, .child($0)) }
        }
        return result
    }

    private func replacing(_ index: Int, _ part: Part) -> QueryTree {
        var copy = self
        copy.parts[index] = part
        return copy
    }

    private func append(to text: inout String) {
        for part in parts {
            switch part {
            case .text(let piece), .reducible(let piece, _): text += piece
            case .list(let pieces): text += pieces.joined(separator: ",")
            case .child(let child): child.append(to: &text)
            }
        }
    }
}
