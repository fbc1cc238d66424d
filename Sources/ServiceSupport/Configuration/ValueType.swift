/// How the text of one kind of value is read, checked and written.
struct ValueType<Value: Sendable>: Sendable {
    /// What stands for the value in `--help`, such as `DURATION`.
    let placeholder: String
    /// What is accepted, for the documentation and for refusals: `a duration from 0 to 30d`.
    let expectation: String
    /// Whether values are plain numbers.
    var isNumber = false
    /// Whether a YAML sequence may stand for the value.
    var isList = false
    /// Whether values have parts, which YAML may write as such.
    var isStructured = false
    /// Reads a text, or says why it is refused.
    let parse: @Sendable (String) throws(ValueRefusal) -> Value
    /// Writes a value as ``parse`` reads it.
    let format: @Sendable (Value) -> String

    /// A type whose only reason to refuse is that a text does not read as a value.
    init(
        _ placeholder: String,
        _ expectation: String,
        isNumber: Bool = false,
        isList: Bool = false,
        read: @escaping @Sendable (String) -> Value?,
        format: @escaping @Sendable (Value) -> String
    ) {
        self.placeholder = placeholder
        self.expectation = expectation
        self.isNumber = isNumber
        self.isList = isList
        self.parse = { text throws(ValueRefusal) in
            guard let value = read(text) else {
                throw ValueRefusal(reason: "expected \(expectation)")
            }
            return value
        }
        self.format = format
    }

    /// The same type, which refuses one text for a reason of its own.
    func refusing(_ refused: String, because reason: String) -> Self {
        Self(
            placeholder: placeholder,
            expectation: expectation,
            isNumber: isNumber,
            isList: isList,
            parse: { [parse] text throws(ValueRefusal) in
                guard text != refused else { throw ValueRefusal(reason: reason) }
                return try parse(text)
            },
            format: format
        )
    }

    /// A structured type, which says what is wrong with a text.
    init(
        _ placeholder: String,
        _ expectation: String,
        parse: @escaping @Sendable (String) throws(ValueRefusal) -> Value,
        format: @escaping @Sendable (Value) -> String
    ) {
        self.init(
            placeholder: placeholder,
            expectation: expectation,
            isNumber: false,
            isList: false,
            parse: parse,
            format: format
        )
        isStructured = true
    }

    private init(
        placeholder: String,
        expectation: String,
        isNumber: Bool,
        isList: Bool,
        parse: @escaping @Sendable (String) throws(ValueRefusal) -> Value,
        format: @escaping @Sendable (Value) -> String
    ) {
        self.placeholder = placeholder
        self.expectation = expectation
        self.isNumber = isNumber
        self.isList = isList
        self.parse = parse
        self.format = format
    }
}

/// Why a text is not a value of its type.
struct ValueRefusal: Error {
    /// Follows the key and the value in the message.
    let reason: String
}

extension ValueType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(
            "NUMBER",
            "a whole number from \(range.lowerBound) to \(range.upperBound)",
            isNumber: true
        ) { text in
            guard let value = Int(text), range.contains(value) else { return nil }
            return value
        } format: {
            "\($0)"
        }
    }
}

extension ValueType where Value == Bool {
    static var boolean: Self {
        Self("BOOL", "true or false", read: { Bool($0) }, format: { "\($0)" })
    }
}

extension ValueType where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let bounds = [range.lowerBound, range.upperBound].map(DurationText.format)
        return Self("DURATION", "a duration from \(bounds[0]) to \(bounds[1])") { text in
            guard let value = DurationText.parse(text), range.contains(value) else { return nil }
            return value
        } format: {
            DurationText.format($0)
        }
    }
}

extension ValueType where Value == ByteCount {
    static func byteCount(_ range: ClosedRange<ByteCount>) -> Self {
        Self("SIZE", "a size from \(range.lowerBound) to \(range.upperBound)") { text in
            guard let value = ByteCount(text), range.contains(value) else { return nil }
            return value
        } format: {
            "\($0)"
        }
    }
}

extension ValueType where Value == NetworkAddress {
    static var address: Self {
        Self(
            "ADDRESS",
            "an address such as 127.0.0.1:9009 or [::1]:9009",
            read: { NetworkAddress($0) },
            format: { "\($0)" }
        )
    }
}

extension ValueType where Value == NetworkAddress? {
    static var optionalAddress: Self {
        Self(
            "ADDRESS",
            "an address such as 10.0.0.7:9021",
            read: { NetworkAddress($0).map(Optional.some) },
            format: { $0.map { "\($0)" } ?? "" }
        )
    }
}

extension ValueType where Value == StoreURL {
    /// Formats with passwords masked: what is formatted is shown.
    static var storeURL: Self {
        Self(
            "URL",
            "sqlite:PATH or postgres://user:password@host:port/database",
            read: { StoreURL($0) },
            format: { "\($0)" }
        )
    }
}

extension ValueType where Value == String {
    /// A file system path.
    static var path: Self {
        Self("PATH", "a path", read: { $0.isEmpty ? nil : $0 }, format: { $0 })
    }

    /// A file system path, or nothing.
    static var optionalPath: Self {
        Self("PATH", "a path, or nothing", read: { $0 }, format: { $0 })
    }

    /// Up to 128 bytes of letters, digits, dot, hyphen and underscore.
    static func name(orEmpty: Bool) -> Self {
        let expectation = "up to 128 letters, digits, dots, hyphens and underscores"
        return Self("NAME", orEmpty ? expectation + ", or nothing" : expectation) { text in
            guard orEmpty || !text.isEmpty, text.utf8.count <= 128 else { return nil }
            return text.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
                ? text : nil
        } format: {
            $0
        }
    }

    /// A label's name, other than that of the metric.
    static var labelName: Self {
        Self("LABEL", "the name of a label, up to 1024 bytes, other than __name__") { text in
            guard (1...1024).contains(text.utf8.count), text != "__name__" else { return nil }
            return text.utf8.contains(0) ? nil : text
        } format: {
            $0
        }
    }

    /// Names that no tenant may have.
    private static let reservedTenants: Set = [".", "..", "__markers__", "user-index.json.gz"]

    /// A tenant as the `X-Scope-OrgID` header may name it.
    static var tenant: Self {
        Self("TENANT", "1 to 150 letters, digits and characters of !-_.*'()") { text in
            guard (1...150).contains(text.utf8.count), !reservedTenants.contains(text) else {
                return nil
            }
            return text.utf8.allSatisfy { $0.isLetterOrDigit || "!-_.*'()".utf8.contains($0) }
                ? text : nil
        } format: {
            $0
        }
    }
}

extension ValueType where Value == [String] {
    /// A comma-separated list of distinct words, each one of `allowed`.
    static func list(of allowed: [String]) -> Self {
        let expectation = "a list, separated by commas, of " + allowed.joined(separator: ", ")
        return Self("LIST", expectation, isList: true) { text in
            guard !text.isEmpty else { return [] }
            let words = text.split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0.drop { $0 == " " }) }
            guard words.allSatisfy(allowed.contains), Set(words).count == words.count else {
                return nil
            }
            return words
        } format: {
            $0.joined(separator: ",")
        }
    }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            words.joined(separator: "|"),
            "one of " + words.joined(separator: ", "),
            read: { Value(rawValue: $0) },
            format: { $0.rawValue }
        )
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
