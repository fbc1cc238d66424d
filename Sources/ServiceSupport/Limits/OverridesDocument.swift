/// The limits of one tenant as the store holds them: a JSON object with limits by the name that Cortex gives them.
public struct OverridesDocument: Sendable, Equatable {
    /// A limit that two documents have differently.
    public struct Change: Sendable, Equatable {
        public var name: String
        /// As JSON; nil where the earlier document does not have the limit.
        public var before: String?
        /// Likewise of the later one.
        public var after: String?
    }

    /// Bytes that a document may have.
    public static let maximumSize = 1 << 20

    var values: [String: JSONValue]

    /// No limits.
    public init() { values = [:] }

    /// Reads what a client or the store has; nothing is known of the names yet.
    public init(json: String) throws(OverridesRefusal) {
        guard json.utf8.count <= Self.maximumSize else {
            throw OverridesRefusal(
                "the limits have \(json.utf8.count) bytes as JSON, limit \(Self.maximumSize)"
            )
        }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw OverridesRefusal(
                "expected a JSON object of limits with their values, such as "
                    + #"{"ingestion_rate":5000}; what came is no JSON"#
            )
        }
        guard case .object(let values) = value else {
            throw OverridesRefusal(
                #"expected a JSON object of limits with their values, such as {"ingestion_rate":5000}"#
            )
        }
        self.values = values
    }

    /// Names in order, so that equal documents have equal text.
    public var json: String { JSONValue.object(values).text }

    /// What this document has differently than an earlier one, by name.
    public func changes(from earlier: OverridesDocument) -> [Change] {
        Set(values.keys).union(earlier.values.keys).sorted().compactMap { name in
            guard values[name] != earlier.values[name] else { return nil }
            return Change(
                name: name,
                before: earlier.values[name]?.text,
                after: values[name]?.text
            )
        }
    }
}

/// Why limits are not taken.
public struct OverridesRefusal: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
