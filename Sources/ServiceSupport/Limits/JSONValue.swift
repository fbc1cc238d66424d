internal import Foundation

/// Any JSON value.
enum JSONValue: Sendable, Equatable, Decodable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Reads a text.
    ///
    /// - Throws: What Foundation finds wrong with it; nesting has a bound there.
    init(parsing text: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    /// The value as JSON, names in order.
    var text: String {
        switch self {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let string): StructuredValue.quoted(string)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let values):
            "{"
                + values.sorted { $0.key < $1.key }
                .map { StructuredValue.quoted($0.key) + ":" + $0.value.text }
                .joined(separator: ",") + "}"
        }
    }

    /// A single value as the configuration writes it; nil where it has parts, or is nothing.
    var word: String? {
        switch self {
        case .boolean(let flag): "\(flag)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let string): string
        case .null, .array, .object: nil
        }
    }

    /// The same with every single value as a string, so that YAML takes none for anything else; nil where it is nested
    /// too deeply, or holds nothing somewhere.
    func quotingWords(depth: Int = 0) -> JSONValue? {
        guard depth <= StructuredValue.maximumDepth else { return nil }
        switch self {
        case .array(let values):
            let quoted = values.compactMap { $0.quotingWords(depth: depth + 1) }
            return quoted.count == values.count ? .array(quoted) : nil
        case .object(let values):
            let quoted = values.compactMapValues { $0.quotingWords(depth: depth + 1) }
            return quoted.count == values.count ? .object(quoted) : nil
        default: return word.map(JSONValue.string)
        }
    }
}
