/// Parameters of a request, from the URL and from a form body; repeated names keep their order.
struct FormParameters {
    /// Few, and each is asked for once: a search costs less than a table.
    private var pairs: [(name: String, value: String)] = []

    /// Parses `a=1&b=2` with percent and plus decoding.
    ///
    /// A broken escape stands for itself.
    mutating func add(urlEncoded text: some StringProtocol) {
        // By bytes: a combining mark after a separator would hide it from a split by characters.
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            pairs.append((Self.decode(pair[..<end]), Self.decode(pair[end...].dropFirst())))
        }
    }

    /// The first value of a name, or nil where it is absent or empty.
    func first(_ name: String) -> String? {
        guard let value = pairs.first(where: { $0.name == name })?.value, !value.isEmpty else {
            return nil
        }
        return value
    }

    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// Undoes the escapes of one part of a URL's path, where a plus is a plus.
    static func decode(pathPart text: String) -> String { decode(text.utf8, plusIsSpace: false) }

    private static func decode(
        _ text: some Collection<UInt8>,
        plusIsSpace: Bool = true
    ) -> String {
        text.withContiguousStorageIfAvailable { decode(bytes: $0, plusIsSpace) }
            ?? Array(text).withUnsafeBufferPointer { decode(bytes: $0, plusIsSpace) }
    }

    private static func decode(bytes: UnsafeBufferPointer<UInt8>, _ plusIsSpace: Bool) -> String {
        // No escape gets longer; what is no UTF-8 is mended.
        String(unsafeUninitializedCapacity: bytes.count) { text in
            var (position, count) = (0, 0)
            while position < bytes.count {
                var byte = bytes[position]
                position += 1
                if plusIsSpace, byte == UInt8(ascii: "+") {
                    byte = UInt8(ascii: " ")
                } else if byte == UInt8(ascii: "%"), position + 2 <= bytes.count,
                    let high = hexadecimal(bytes[position]),
                    let low = hexadecimal(bytes[position + 1])
                {
                    byte = high << 4 | low
                    position += 2
                }
                text[count] = byte
                count += 1
            }
            return count
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
