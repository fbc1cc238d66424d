/// Parameters of a request, from the URL and from a form body; repeated names keep their order.
struct FormParameters {
    private var values: [String: [String]] = [:]

    /// Parses `a=1&b=2` with percent and plus decoding.
    ///
    /// A broken escape stands for itself.
    mutating func add(urlEncoded text: some StringProtocol) {
        // By bytes: a combining mark after a separator would hide it from a split by characters.
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            values[Self.decode(pair[..<end]), default: []]
                .append(Self.decode(pair[end...].dropFirst()))
        }
    }

    /// The first value of a name, or nil where it is absent or empty.
    func first(_ name: String) -> String? {
        guard let value = values[name]?.first, !value.isEmpty else { return nil }
        return value
    }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// Undoes the escapes of one part of a URL's path, where a plus is a plus.
    static func decode(pathPart text: String) -> String { decode(text.utf8, plusIsSpace: false) }

    private static func decode(
        _ text: some Collection<UInt8>,
        plusIsSpace: Bool = true
    ) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            if plusIsSpace, byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let decoded = hexadecimalPair(rest) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexadecimalPair(_ text: some Collection<UInt8>) -> UInt8? {
        let pair = text.prefix(2)
        guard pair.count == 2 else { return nil }
        var result: UInt8 = 0
        for byte in pair {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            result = result << 4 | UInt8(digit)
        }
        return result
    }
}
