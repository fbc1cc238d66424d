/// Names that the exposition format allows.
enum MetricName {
    /// The name with every character that a metric name may not have replaced by `_`.
    ///
    /// Libraries name metrics with dots and hyphens.
    static func metric(_ name: String) -> String { cleaned(name, colons: true) }

    /// The same for the name of a label, which has no colons either.
    static func label(_ name: String) -> String { cleaned(name, colons: false) }

    private static func cleaned(_ name: String, colons: Bool) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where colons: bytes.append(byte)
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
